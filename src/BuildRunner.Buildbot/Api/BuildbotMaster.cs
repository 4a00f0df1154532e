using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BuildRunner.Http;

namespace BuildRunner.Buildbot.Api;

/// <summary>The calls to a master.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A semaphore whose wait handle nobody asks for holds nothing.")]
internal sealed class BuildbotMaster(HttpBackend backend, BuildbotBuildRunnerOptions options)
{
    public const string RequestProperty = "build_request";
    public const string KeyProperty = "build_key";

    private const string HowToDeclare = $"Add util.StringParameter(name=\"{RequestProperty}\") to the properties of the force scheduler.";

    private readonly SemaphoreSlim _one = new(1, 1);

    private volatile BuilderRow? _builder;

    /// <summary>Gets the builder, after it was checked once that the scheduler can start it and takes what it is given.</summary>
    public async Task<long> GetBuilderIdAsync(CancellationToken cancellationToken)
    {
        if (_builder is { } known)
        {
            return known.Builderid;
        }

        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return (_builder ??= await CheckAsync(cancellationToken).ConfigureAwait(false)).Builderid;
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task<BuildId> ForceAsync(BuildRequest request, Func<CancellationToken, Task<BuildId?>>? find, CancellationToken cancellationToken)
    {
        var text = RequestDocument.Of(request);
        var builderId = await GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        var token = request.TriggerKey is null ? "" : TokenOf(request.TriggerKey);
        ForceCall call = new("2.0", 1, "force", new ForceParameters(builderId, token.Length == 0 ? "build" : token, text, token));
        var address = $"api/v2/forceschedulers/{Uri.EscapeDataString(options.Scheduler)}";
        using var message = HttpJson.Post(address, call, BuildbotJson.Default.ForceCall);
        return await backend.CreateAsync(message, reply => IdOf(reply, builderId), find, amend: null, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Finds the oldest build request of a key, with its properties.</summary>
    public async Task<BuildRequestRow?> FindAsync(string triggerKey, CancellationToken cancellationToken)
    {
        var builderId = await GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        var sets = await ReadAsync($"buildsets?reason__contains={TokenOf(triggerKey)}&order=bsid", BuildbotJson.Default.BuildsetList, cancellationToken, HttpOperations.Check).ConfigureAwait(false);
        foreach (var set in sets?.Buildsets ?? [])
        {
            var requests = await ReadAsync($"buildrequests?buildsetid={Text(set.Bsid)}&property={RequestProperty}&property={KeyProperty}", BuildbotJson.Default.BuildRequestList, cancellationToken, HttpOperations.Check).ConfigureAwait(false);
            var found = requests?.Buildrequests?.FirstOrDefault(row => row.Builderid == builderId && RequestOf(row)?.TriggerKey == triggerKey);
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    public async Task<BuildRequestRow?> GetAsync(long id, CancellationToken cancellationToken)
    {
        var builderId = await GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        var list = await ReadAsync($"buildrequests/{Text(id)}?property={RequestProperty}", BuildbotJson.Default.BuildRequestList, cancellationToken).ConfigureAwait(false);
        return list?.Buildrequests?.LastOrDefault(row => row.Builderid == builderId);
    }

    public async Task<IReadOnlyDictionary<long, BuildRequestRow>> GetManyAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        // Properties would cost the master a query for each row.
        var query = string.Join('&', ids.Select(static id => $"buildrequestid__eq={Text(id)}"));
        var list = await ReadAsync(
            $"buildrequests?{query}&field=buildrequestid&field=builderid&field=claimed&field=complete&field=results",
            BuildbotJson.Default.BuildRequestList,
            cancellationToken).ConfigureAwait(false);
        return (list?.Buildrequests ?? []).GroupBy(static row => row.Buildrequestid).ToDictionary(static rows => rows.Key, static rows => rows.Last());
    }

    public async Task CancelAsync(BuildId buildId, long id, Func<CancellationToken, Task<bool>> hasEnded, CancellationToken cancellationToken)
    {
        CancelCall call = new("2.0", 1, "cancel", new CancelParameters("cancelled by its caller"));
        using var message = HttpJson.Post($"api/v2/buildrequests/{Text(id)}", call, BuildbotJson.Default.CancelCall);
        await backend.CancelAsync(message, buildId, hasEnded, isAccepted: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the logs of the latest attempt, one after the other, as far as they have been written.</summary>
    public async Task<Stream> OpenLogAsync(long id, CancellationToken cancellationToken)
    {
        List<HttpText> texts = [];
        var builds = await ReadAsync($"buildrequests/{Text(id)}/builds", BuildbotJson.Default.BuildList, cancellationToken).ConfigureAwait(false);
        if (builds?.Builds?.MaxBy(static build => build.Buildid) is { } build)
        {
            var steps = await ReadAsync($"builds/{Text(build.Buildid)}/steps", BuildbotJson.Default.StepList, cancellationToken).ConfigureAwait(false);
            foreach (var step in steps?.Steps ?? [])
            {
                var logs = await ReadAsync($"steps/{Text(step.Stepid)}/logs", BuildbotJson.Default.LogList, cancellationToken).ConfigureAwait(false);
                texts.AddRange((logs?.Logs ?? []).Select(static log => new HttpText($"api/v2/logs/{Text(log.Logid)}/raw")));
            }
        }

        return await backend.OpenTextAsync(texts, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads what a build request was forced with, or null if that was not one of ours.</summary>
    public static BuildRequest? RequestOf(BuildRequestRow row)
    {
        try
        {
            return row.Property(RequestProperty) is { Length: > 0 } text ? JsonSerializer.Deserialize(text, BuildbotJson.Default.BuildRequest) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Says why a build request has no request of ours, and looks at the master again before the next call.</summary>
    public BuildRunnerConfigurationException LostRequest(BuildId buildId)
    {
        _builder = null;
        return new($"The build request {buildId} of Buildbot has no '{RequestProperty}' that can be read: it does not build its changes. {HowToDeclare}") { BuildId = buildId };
    }

    public static bool IsOwnAnswer(HttpReply reply)
    {
        // The API sends its errors as text/plain.
        var text = reply.Text.AsSpan().TrimStart();
        return reply.IsJson || text.StartsWith("{\"error\"", StringComparison.Ordinal) || text.StartsWith("{\"jsonrpc\"", StringComparison.Ordinal);
    }

    /// <summary>The search word of a key: safe in an address and a LIKE, however the key is written.</summary>
    internal static string TokenOf(string triggerKey) => $"br-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(triggerKey)))[..32]}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    // {"result": [<buildset>, {"<builder>": <build request>}]}
    private static BuildId? IdOf(HttpReply reply, long builderId)
    {
        if (!reply.TryReadJson(BuildbotJson.Default.RpcAnswer, out var answer)
            || answer.Result is not { ValueKind: JsonValueKind.Array } result || result.GetArrayLength() < 2
            || result[1] is not { ValueKind: JsonValueKind.Object } requests
            || !requests.TryGetProperty(Text(builderId), out var id) || id.ValueKind != JsonValueKind.Number || !id.TryGetInt64(out var number))
        {
            return null;
        }

        return new BuildId(Text(number));
    }

    // A check is what a trigger waits for: it may use what polls leave of a rate limit.
    private Task<T?> ReadAsync<T>(
        string path, JsonTypeInfo<T> type, CancellationToken cancellationToken, string operation = HttpOperations.Read)
        where T : class => backend.ReadAsync($"api/v2/{path}", type, buildId: null, operation, cancellationToken);

    private async Task<BuilderRow> CheckAsync(CancellationToken cancellationToken)
    {
        var builders = await ReadAsync($"builders?name={Uri.EscapeDataString(options.Builder)}", BuildbotJson.Default.BuilderList, cancellationToken, HttpOperations.Check).ConfigureAwait(false);
        var builder = builders?.Builders?.FirstOrDefault(row => row.Name == options.Builder)
            ?? throw new BuildRunnerConfigurationException($"Buildbot has no builder '{options.Builder}', or hides it from this user.");
        var schedulers = await ReadAsync("forceschedulers", BuildbotJson.Default.SchedulerList, cancellationToken, HttpOperations.Check).ConfigureAwait(false);
        var scheduler = schedulers?.Forceschedulers?.FirstOrDefault(row => row.Name == options.Scheduler)
            ?? throw new BuildRunnerConfigurationException($"Buildbot has no force scheduler '{options.Scheduler}'. Add one, as in doc/ci/buildbot/master.cfg.");
        if (scheduler.BuilderNames?.Contains(options.Builder) != true)
        {
            throw new BuildRunnerConfigurationException($"The force scheduler '{options.Scheduler}' does not start the builder '{options.Builder}'. Add it to builderNames.");
        }

        // Buildbot drops what is not declared, and would build the branch alone.
        if (scheduler.AllFields?.Any(static field => field.Declares(RequestProperty)) != true)
        {
            throw new BuildRunnerConfigurationException($"The force scheduler '{options.Scheduler}' does not take '{RequestProperty}'. {HowToDeclare}");
        }

        return builder;
    }
}
