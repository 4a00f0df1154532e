using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using BuildRunner.Http;

namespace BuildRunner.Buildbot.Api;

/// <summary>Calls a master.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore holds no resources unless its wait handle is used.")]
internal sealed class BuildbotMaster(HttpBackend backend, BuildbotBuildRunnerOptions options)
{
    public const string RequestProperty = "build_request";
    public const string KeyProperty = "build_key";

    // Set by Buildbot's source steps.
    private const string RevisionProperty = "got_revision";
    private const string HowToDeclare = "The force schedulers in doc/ci/buildbot/master.cfg show how to declare what the runner sends.";

    // JSON-RPC 2.0.
    private const int InvalidParameters = -32602;

    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile BuilderRow? _builder;

    private bool IsMerged => options.Changes == ChangesForm.Merged;

    /// <summary>Gets the builder, after checking once that the scheduler can start it and accepts what the runner sends.</summary>
    public async Task<long> GetBuilderIdAsync(CancellationToken cancellationToken)
    {
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

    public async Task<BuildId> ForceAsync(
        BuildRequest request, Func<CancellationToken, Task<BuildId?>>? find, CancellationToken cancellationToken)
    {
        var revision = IsMerged ? MergedRevision.Of(request) : null;
        var document = IsMerged ? null : RequestDocument.Of(request);
        await GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        var token = request.TriggerKey is null ? "" : BuildInput.TokenOf(request.TriggerKey);
        var reason = token.Length == 0 ? "build" : token;

        // By name, because a master that was set up again numbers its builders again.
        ForceParameters parameters = new([options.Builder], reason, token, document, revision?.Branch, revision?.CommitId);
        var address = $"api/v2/forceschedulers/{Uri.EscapeDataString(options.Scheduler)}";
        using var message = HttpJson.Post(address, new("2.0", 1, "force", parameters), BuildbotJson.Default.ForceCall);
        try
        {
            return await backend.CreateAsync(message, IdOf, find, amend: null, cancellationToken).ConfigureAwait(false);
        }
        catch (BuildRunnerException)
        {
            // The scheduler may be gone, so the next call checks it again.
            _builder = null;
            throw;
        }
    }

    /// <summary>Finds the oldest build request of a key, and what it must build.</summary>
    public async Task<(BuildRequestRow Row, BuildOrder Order)?> FindAsync(string triggerKey, CancellationToken cancellationToken)
    {
        var builderId = await GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        var token = BuildInput.TokenOf(triggerKey);
        var sets = CheckRowsAsync($"buildsets?reason__contains={token}&order=bsid", static answer => answer.Buildsets, cancellationToken);
        foreach (var set in await sets.ConfigureAwait(false))
        {
            var query = $"buildrequests?buildsetid={Text(set.Bsid)}&property={RequestProperty}&property={KeyProperty}";
            var requests = CheckRowsAsync(query, static answer => answer.Buildrequests, cancellationToken);
            foreach (var row in await requests.ConfigureAwait(false))
            {
                // A document has the whole key; with a merged commit, only the token was sent.
                if (row.Builderid == builderId && (IsMerged ? BuildOrder.Of(set) : BuildOrder.Of(row)) is { } order
                    && (IsMerged ? row.Property(KeyProperty) == token : order.Request?.TriggerKey == triggerKey))
                {
                    return (row, order);
                }
            }
        }

        return null;
    }

    /// <summary>Gets what a build request must build, or null if this runner did not send it or Buildbot has dropped that.</summary>
    public async Task<BuildOrder?> GetOrderAsync(BuildRequestRow row, CancellationToken cancellationToken)
    {
        if (!IsMerged)
        {
            return BuildOrder.Of(row);
        }

        var sets = FindRowsAsync($"buildsets/{Text(row.Buildsetid)}", static answer => answer.Buildsets, cancellationToken);
        return await sets.ConfigureAwait(false) is [{ } set] ? BuildOrder.Of(set) : null;
    }

    /// <summary>Determines whether the latest attempt checked out the requested commit. A document is its own proof.</summary>
    public async Task<bool> HasBuiltAsync(long id, BuildMetadata metadata, CancellationToken cancellationToken) =>
        !IsMerged || (await FindAttemptAsync(id, $"?property={RevisionProperty}", cancellationToken).ConfigureAwait(false))
            ?.Properties.TextOf(RevisionProperty) == metadata[BuildMetadataKeys.Commit];

    /// <summary>Creates the exception for a build request that lost what it must build, and makes the next call check the master.</summary>
    public BuildRunnerConfigurationException FaultOf(BuildId buildId)
    {
        _builder = null;
        var what = IsMerged ? "its branch and revision" : $"'{RequestProperty}'";
        var text = $"The build request {buildId} of Buildbot has lost {what} and does not build its changes. {HowToDeclare}";
        return new(text) { BuildId = buildId };
    }

    public async Task<BuildRequestRow?> GetAsync(long id, CancellationToken cancellationToken)
    {
        var builderId = await GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        var path = $"buildrequests/{Text(id)}?property={RequestProperty}";
        var rows = await FindRowsAsync(path, static answer => answer.Buildrequests, cancellationToken).ConfigureAwait(false);
        return rows?.LastOrDefault(row => row.Builderid == builderId);
    }

    public async Task<IReadOnlyDictionary<long, BuildRequestRow>> GetManyAsync(
        IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        // Without properties, which would cost the master a query per row.
        var query = string.Concat(ids.Select(static id => $"&buildrequestid__eq={Text(id)}"));
        var path = $"buildrequests?field=buildrequestid&field=builderid&field=claimed&field=complete&field=results{query}";
        var rows = Given(await FindRowsAsync(path, static answer => answer.Buildrequests, cancellationToken).ConfigureAwait(false));
        return rows.GroupBy(static row => row.Buildrequestid).ToDictionary(static same => same.Key, static same => same.Last());
    }

    public async Task CancelAsync(
        BuildId buildId, long id, Func<CancellationToken, Task<bool>> hasEnded, CancellationToken cancellationToken)
    {
        CancelCall call = new("2.0", 1, "cancel", new CancelParameters("cancelled by its caller"));
        using var message = HttpJson.Post($"api/v2/buildrequests/{Text(id)}", call, BuildbotJson.Default.CancelCall);
        await backend.CancelAsync(message, buildId, hasEnded, isAccepted: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the logs of the latest attempt so far, one after the other.</summary>
    public async Task<Stream> OpenLogAsync(long id, CancellationToken cancellationToken)
    {
        List<HttpText> texts = [];
        var build = await FindAttemptAsync(id, "", cancellationToken).ConfigureAwait(false);
        var path = $"builds/{Text(build?.Buildid ?? 0)}/steps";
        var steps = build is null ? null : FindRowsAsync(path, static answer => answer.Steps, cancellationToken);
        foreach (var step in steps is null ? [] : await steps.ConfigureAwait(false) ?? [])
        {
            var reading = FindRowsAsync($"steps/{Text(step.Stepid)}/logs", static answer => answer.Logs, cancellationToken);
            var logs = Given(await reading.ConfigureAwait(false));
            texts.AddRange(logs.Select(static log => new HttpText($"api/v2/logs/{Text(log.Logid)}/raw")));
        }

        return await backend.OpenTextAsync(texts, cancellationToken).ConfigureAwait(false);
    }

    public static bool IsOwnAnswer(HttpReply reply)
    {
        // The API sends its errors as text/plain.
        var text = reply.Text.AsSpan().TrimStart();
        return (reply.IsSuccess && reply.IsJson)
            || text.StartsWith("{\"error\"", StringComparison.Ordinal) || text.StartsWith("{\"jsonrpc\"", StringComparison.Ordinal);
    }

    /// <summary>Recognizes a scheduler that refuses its fields. All requests send the same fields, so it is misconfigured.</summary>
    public static CreateVerdict? Judge(HttpReply reply) =>
        (int)reply.StatusCode == 400 && reply.TryReadJson(BuildbotJson.Default.RpcAnswer, out var answer)
        && answer.Error?.Code == InvalidParameters ? CreateVerdict.Misconfigured : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static IReadOnlyList<T> Given<T>(IReadOnlyList<T>? rows) =>
        rows ?? throw new BuildRunnerException("Buildbot answered without the requested list.") { IsTransient = true };

    // {"result": [<build set>, {"<builder>": <build request>}]}, with one builder.
    private static BuildId? IdOf(HttpReply reply) =>
        reply.TryReadJson(BuildbotJson.Default.RpcAnswer, out var answer)
        && answer.Result is [_, { ValueKind: JsonValueKind.Object } requests, ..]
        && requests.EnumerateObject().ToList() is [{ Value: { ValueKind: JsonValueKind.Number } id }] && id.TryGetInt64(out var number)
            ? new BuildId(Text(number))
            : null;

    private async Task<BuildRow?> FindAttemptAsync(long id, string query, CancellationToken cancellationToken)
    {
        var builds = FindRowsAsync($"buildrequests/{Text(id)}/builds{query}", static answer => answer.Builds, cancellationToken);
        return Given(await builds.ConfigureAwait(false)).MaxBy(static build => build.Buildid);
    }

    private async Task<IReadOnlyList<T>?> FindRowsAsync<T>(
        string path, Func<MasterAnswer, IReadOnlyList<T>?> rows, CancellationToken cancellationToken,
        string operation = HttpOperations.Read)
    {
        var reading = backend.ReadAsync($"api/v2/{path}", BuildbotJson.Default.MasterAnswer, buildId: null, operation, cancellationToken);
        return await reading.ConfigureAwait(false) is { } answer ? Given(rows(answer)) : null;
    }

    // A trigger waits for a check, so it may use what polls leave of a rate limit.
    private async Task<IReadOnlyList<T>> CheckRowsAsync<T>(
        string path, Func<MasterAnswer, IReadOnlyList<T>?> rows, CancellationToken cancellationToken) =>
        Given(await FindRowsAsync(path, rows, cancellationToken, HttpOperations.Check).ConfigureAwait(false));

    private async Task<BuilderRow> CheckAsync(CancellationToken cancellationToken)
    {
        var (name, scheduler) = (options.Builder, options.Scheduler);
        var path = $"builders?name={Uri.EscapeDataString(name)}";
        var builders = await CheckRowsAsync(path, static answer => answer.Builders, cancellationToken).ConfigureAwait(false);
        var builder = builders.FirstOrDefault(row => row.Name == name)
            ?? throw new BuildRunnerConfigurationException($"Buildbot has no builder '{name}', or hides it from this user.");
        var schedulers = CheckRowsAsync("forceschedulers", static answer => answer.Forceschedulers, cancellationToken);
        var found = (await schedulers.ConfigureAwait(false)).FirstOrDefault(row => row.Name == scheduler)
            ?? throw Misconfigured($"Buildbot has no force scheduler '{scheduler}'.");
        if (found.BuilderNames?.Contains(name) != true)
        {
            throw Misconfigured($"The force scheduler '{scheduler}' does not start the builder '{name}'; add it to builderNames.");
        }

        // Buildbot drops undeclared fields, and would build the branch alone.
        string[] sent = IsMerged ? ["reason", KeyProperty, "branch", "revision"] : ["reason", RequestProperty];
        var fields = found.AllFields ?? [];
        if (sent.FirstOrDefault(field => !fields.Any(declared => declared.Takes(field))) is { } missing)
        {
            throw Misconfigured($"The force scheduler '{scheduler}' does not accept '{missing}'.");
        }

        return fields.SelectMany(static field => field.Required()).FirstOrDefault(field => !sent.Contains(field)) is { } required
            ? throw Misconfigured($"The force scheduler '{scheduler}' requires '{required}', which the runner does not send.")
            : builder;
    }

    private static BuildRunnerConfigurationException Misconfigured(string what) => new($"{what} {HowToDeclare}");
}
