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

    // What the step has checked out that checks out.
    private const string RevisionProperty = "got_revision";

    private const string HowToDeclare = "The force schedulers in doc/ci/buildbot/master.cfg show how to declare what the runner sends.";

    // Of JSON-RPC.
    private const int InvalidParameters = -32602;

    private readonly SemaphoreSlim _one = new(1, 1);

    private volatile BuilderRow? _builder;

    private bool IsMerged => options.Changes == ChangesForm.Merged;

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
        var revision = IsMerged ? MergedRevision.Of(request) : null;
        var document = IsMerged ? null : RequestDocument.Of(request);
        await GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        var token = request.TriggerKey is null ? "" : TokenOf(request.TriggerKey);

        // By its name: a master that was set up anew numbers its builders anew.
        ForceParameters parameters = new([options.Builder], token.Length == 0 ? "build" : token, token, document, revision?.Branch, revision?.CommitId);
        var address = $"api/v2/forceschedulers/{Uri.EscapeDataString(options.Scheduler)}";
        using var message = HttpJson.Post(address, new("2.0", 1, "force", parameters), BuildbotJson.Default.ForceCall);
        try
        {
            return await backend.CreateAsync(message, IdOf, find, amend: null, cancellationToken).ConfigureAwait(false);
        }
        catch (BuildRunnerException)
        {
            // The scheduler may have gone. It is looked at again before the next call.
            _builder = null;
            throw;
        }
    }

    /// <summary>Finds the oldest build request of a key, and what it was asked to build.</summary>
    public async Task<(BuildRequestRow Row, BuildOrder Order)?> FindAsync(string triggerKey, CancellationToken cancellationToken)
    {
        var builderId = await GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        var token = TokenOf(triggerKey);
        var sets = await ReadAsync($"buildsets?reason__contains={token}&order=bsid", BuildbotJson.Default.BuildsetList, cancellationToken, HttpOperations.Check).ConfigureAwait(false);
        foreach (var set in RowsOf(sets?.Buildsets))
        {
            var query = $"buildrequests?buildsetid={Text(set.Bsid)}&property={RequestProperty}&property={KeyProperty}";
            var requests = await ReadAsync(query, BuildbotJson.Default.BuildRequestList, cancellationToken, HttpOperations.Check).ConfigureAwait(false);
            foreach (var row in RowsOf(requests?.Buildrequests))
            {
                // A document holds the whole key, a merged one the token alone.
                if (row.Builderid == builderId && (IsMerged ? BuildOrder.Of(set) : BuildOrder.Of(row)) is { } order
                    && (IsMerged ? row.Property(KeyProperty) == token : order.Request?.TriggerKey == triggerKey))
                {
                    return (row, order);
                }
            }
        }

        return null;
    }

    /// <summary>Reads what a build request was asked to build; null if it was not asked by this runner, or Buildbot has dropped it.</summary>
    public async Task<BuildOrder?> GetOrderAsync(BuildRequestRow row, CancellationToken cancellationToken)
    {
        if (!IsMerged)
        {
            return BuildOrder.Of(row);
        }

        var sets = await ReadAsync($"buildsets/{Text(row.Buildsetid)}", BuildbotJson.Default.BuildsetList, cancellationToken).ConfigureAwait(false);
        return sets?.Buildsets is [{ } set] ? BuildOrder.Of(set) : null;
    }

    /// <summary>Determines whether the latest attempt has checked out the commit that it was asked for. Only a document tells by itself what was built of it.</summary>
    public async Task<bool> HasBuiltAsync(long id, BuildMetadata metadata, CancellationToken cancellationToken)
    {
        if (!IsMerged)
        {
            return true;
        }

        var builds = await ReadAsync($"buildrequests/{Text(id)}/builds?property={RevisionProperty}", BuildbotJson.Default.BuildList, cancellationToken).ConfigureAwait(false);
        return RowsOf(builds?.Builds).MaxBy(static build => build.Buildid)?.Properties.TextOf(RevisionProperty) == metadata[BuildMetadataKeys.Commit];
    }

    /// <summary>Says what is wrong with a build request that does not build what it was asked for, and has the master looked at again before the next call.</summary>
    public BuildRunnerConfigurationException FaultOf(BuildId buildId)
    {
        _builder = null;
        var what = IsMerged ? "its branch and revision" : $"'{RequestProperty}'";
        return new($"The build request {buildId} of Buildbot has lost {what}: it does not build its changes. {HowToDeclare}") { BuildId = buildId };
    }

    public async Task<BuildRequestRow?> GetAsync(long id, CancellationToken cancellationToken)
    {
        var builderId = await GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        var list = await ReadAsync($"buildrequests/{Text(id)}?property={RequestProperty}", BuildbotJson.Default.BuildRequestList, cancellationToken).ConfigureAwait(false);
        return list is null ? null : RowsOf(list.Buildrequests).LastOrDefault(row => row.Builderid == builderId);
    }

    public async Task<IReadOnlyDictionary<long, BuildRequestRow>> GetManyAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        // Properties would cost the master a query for each row.
        var query = string.Concat(ids.Select(static id => $"&buildrequestid__eq={Text(id)}"));
        var address = $"buildrequests?field=buildrequestid&field=builderid&field=claimed&field=complete&field=results{query}";
        var list = await ReadAsync(address, BuildbotJson.Default.BuildRequestList, cancellationToken).ConfigureAwait(false);
        return RowsOf(list?.Buildrequests).GroupBy(static row => row.Buildrequestid).ToDictionary(static rows => rows.Key, static rows => rows.Last());
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
        var build = RowsOf(builds?.Builds).MaxBy(static build => build.Buildid);
        var steps = build is null ? null : await ReadAsync($"builds/{Text(build.Buildid)}/steps", BuildbotJson.Default.StepList, cancellationToken).ConfigureAwait(false);
        foreach (var step in steps?.Steps ?? [])
        {
            var logs = await ReadAsync($"steps/{Text(step.Stepid)}/logs", BuildbotJson.Default.LogList, cancellationToken).ConfigureAwait(false);
            texts.AddRange(RowsOf(logs?.Logs).Select(static log => new HttpText($"api/v2/logs/{Text(log.Logid)}/raw")));
        }

        return await backend.OpenTextAsync(texts, cancellationToken).ConfigureAwait(false);
    }

    public static bool IsOwnAnswer(HttpReply reply)
    {
        // The API sends its errors as text/plain.
        var text = reply.Text.AsSpan().TrimStart();
        return (reply.IsSuccess && reply.IsJson) || text.StartsWith("{\"error\"", StringComparison.Ordinal) || text.StartsWith("{\"jsonrpc\"", StringComparison.Ordinal);
    }

    /// <summary>Judges what the scheduler says of the fields that it was given: all requests give it the same ones.</summary>
    public static CreateVerdict? Judge(HttpReply reply) =>
        (int)reply.StatusCode == 400 && reply.TryReadJson(BuildbotJson.Default.RpcAnswer, out var answer)
        && answer.Error is { ValueKind: JsonValueKind.Object } error && error.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.Number && code.GetInt32() == InvalidParameters
            ? CreateVerdict.Misconfigured
            : null;

    /// <summary>The search word of a key: safe in an address and a LIKE, however the key is written.</summary>
    internal static string TokenOf(string triggerKey) => $"br-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(triggerKey)))[..32]}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static IReadOnlyList<T> RowsOf<T>(IReadOnlyList<T>? rows) =>
        rows ?? throw new BuildRunnerException("Buildbot answered without the list that it was asked for.") { IsTransient = true };

    // {"result": [<build set>, {"<builder>": <build request>}]}, of the one builder.
    private static BuildId? IdOf(HttpReply reply) =>
        reply.TryReadJson(BuildbotJson.Default.RpcAnswer, out var answer)
        && answer.Result is { ValueKind: JsonValueKind.Array } result && result.GetArrayLength() >= 2 && result[1] is { ValueKind: JsonValueKind.Object } requests
        && requests.EnumerateObject().ToList() is [{ Value: { ValueKind: JsonValueKind.Number } id }] && id.TryGetInt64(out var number)
            ? new BuildId(Text(number))
            : null;

    // A check is what a trigger waits for: it may use what polls leave of a rate limit.
    private Task<T?> ReadAsync<T>(
        string path, JsonTypeInfo<T> type, CancellationToken cancellationToken, string operation = HttpOperations.Read)
        where T : class => backend.ReadAsync($"api/v2/{path}", type, buildId: null, operation, cancellationToken);

    private async Task<BuilderRow> CheckAsync(CancellationToken cancellationToken)
    {
        var builders = await ReadAsync($"builders?name={Uri.EscapeDataString(options.Builder)}", BuildbotJson.Default.BuilderList, cancellationToken, HttpOperations.Check).ConfigureAwait(false);
        var builder = RowsOf(builders?.Builders).FirstOrDefault(row => row.Name == options.Builder)
            ?? throw new BuildRunnerConfigurationException($"Buildbot has no builder '{options.Builder}', or hides it from this user.");
        var schedulers = await ReadAsync("forceschedulers", BuildbotJson.Default.SchedulerList, cancellationToken, HttpOperations.Check).ConfigureAwait(false);
        var scheduler = RowsOf(schedulers?.Forceschedulers).FirstOrDefault(row => row.Name == options.Scheduler)
            ?? throw new BuildRunnerConfigurationException($"Buildbot has no force scheduler '{options.Scheduler}'. Add one, as in doc/ci/buildbot/master.cfg.");
        if (scheduler.BuilderNames?.Contains(options.Builder) != true)
        {
            throw new BuildRunnerConfigurationException($"The force scheduler '{options.Scheduler}' does not start the builder '{options.Builder}'. Add it to builderNames.");
        }

        // Buildbot drops what is not declared, and would build the branch alone.
        string[] sent = IsMerged ? ["reason", KeyProperty, "branch", "revision"] : ["reason", RequestProperty];
        var fields = scheduler.AllFields ?? [];
        if (sent.FirstOrDefault(name => !fields.Any(field => field.Takes(name))) is { } missing)
        {
            throw new BuildRunnerConfigurationException($"The force scheduler '{options.Scheduler}' does not take '{missing}'. {HowToDeclare}");
        }

        return fields.SelectMany(static field => field.Required()).FirstOrDefault(name => !sent.Contains(name)) is { } required
            ? throw new BuildRunnerConfigurationException($"The force scheduler '{options.Scheduler}' requires '{required}', which the runner does not send. {HowToDeclare}")
            : builder;
    }
}
