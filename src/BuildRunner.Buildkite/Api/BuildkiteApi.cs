using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BuildRunner.Http;
using BuildRunner.Http.Runners;

namespace BuildRunner.Buildkite.Api;

/// <summary>The calls about one pipeline.</summary>
internal sealed class BuildkiteApi(HttpBackend backend, BuildkiteBuildRunnerOptions options, TimeProvider time)
{
    public const string RequestVariable = "BUILD_REQUEST";

    // By the last the builds of runners are listed apart from all others of the pipeline.
    private const string KeyData = "build_key";
    private const string DigestData = "build_digest";
    private const string MarkData = "build_runner";

    // Without those that are blocked, which pile up where nobody unblocks them.
    private const string LiveStates =
        "state%5B%5D=creating&state%5B%5D=scheduled&state%5B%5D=running&state%5B%5D=failing&state%5B%5D=canceling";
    private const string FailedJobs = "job_states%5B%5D=failed&job_states%5B%5D=timed_out&job_states%5B%5D=expired";
    private const string Slim = "exclude_jobs=true&exclude_pipeline=true";

    // A list may show late what this process has created.
    private readonly RecentBuilds<string, CreatedBuild> _created = new();

    // When the rules were last checked: a time stamp.
    private volatile StrongBox<long>? _checkedAt;

    /// <summary>Gets the word that tells a build from one that was made with the same key for something else.</summary>
    public string DigestOf(BuildInput input) => BuildInput.HashOf($"{input.Merged?.Branch ?? options.Branch} {input.Subject}")[..32];

    public async Task<BuildId> CreateAsync(BuildInput input, CancellationToken cancellationToken)
    {
        var (commit, branch) = input.Merged is { } merged ? (merged.CommitId, merged.Branch) : ("HEAD", options.Branch);
        NewBuild build = new(
            commit, branch, $"build {input.Token}", IgnorePipelineBranchFilters: true,
            input.Document is null ? null : new() { [RequestVariable] = input.Document, ["BUILD_KEY"] = input.Token },
            new() { [MarkData] = "1", [KeyData] = input.Token, [DigestData] = DigestOf(input) });
        using var message = HttpJson.Post("builds", build, BuildkiteJson.Default.NewBuild);
        return await backend.CreateAsync(message, IdIn, FindLostAsync, amend: null, cancellationToken).ConfigureAwait(false);

        BuildId? IdIn(HttpReply reply) => reply.TryReadJson(BuildkiteJson.Default.BuildRow, out var row) && row.Number > 0
            ? _created.GetOrAdd(input.Token, new CreatedBuild(IdOf(row.Number), row.Number, DigestOf(input))).Id
            : null;
        async Task<BuildId?> FindLostAsync(CancellationToken stop) => (await FindAsync(input.Token, stop).ConfigureAwait(false))?.Id;
    }

    /// <summary>Reads a build with those of its latest jobs that failed, or with all of them.</summary>
    public async Task<BuildRow> GetAsync(long number, CancellationToken cancellationToken, string jobs = FailedJobs)
    {
        var path = $"builds/{number}?{jobs}&exclude_pipeline=true";
        var reading = backend.ReadAsync(path, BuildkiteJson.Default.BuildRow, IdOf(number), HttpOperations.Read, cancellationToken);
        if (await reading.ConfigureAwait(false) is { } row)
        {
            return row;
        }

        // The pipeline itself may be missing, or hidden.
        await ListAsync($"{Slim}&per_page=1", HttpOperations.Read, cancellationToken).ConfigureAwait(false);
        throw new BuildNotFoundException(IdOf(number));
    }

    /// <summary>Lists the builds of runners that have not ended.</summary>
    public IAsyncEnumerable<BuildRow> ListLiveAsync(CancellationToken cancellationToken) =>
        ListAllAsync($"{LiveStates}&meta_data%5B{MarkData}%5D=1", HttpOperations.Read, cancellationToken);

    /// <summary>Finds the oldest build with the word of a key that nobody has made of another build.</summary>
    public async Task<CreatedBuild?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var rows = ListAllAsync($"meta_data%5B{KeyData}%5D={token}", HttpOperations.Check, cancellationToken)
            .Where(row => row.RebuiltFrom.ValueKind != JsonValueKind.Object && BuildkiteJson.TextOf(row.MetaData, KeyData) == token)
            .Select(row => new CreatedBuild(IdOf(row.Number), row.Number, BuildkiteJson.TextOf(row.MetaData, DigestData)));
        var listed = await rows.MinByAsync(static build => build.Number, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new[] { listed, _created.Find(token) }.OfType<CreatedBuild>().MinBy(static build => build.Number);
    }

    /// <summary>Checks that a build of the branch does not end those before it.</summary>
    public async Task CheckRulesAsync(CancellationToken cancellationToken)
    {
        if (_checkedAt is { } checkedAt && time.GetElapsedTime(checkedAt.Value) < TimeSpan.FromMinutes(10))
        {
            return;
        }

        var list = await ListAsync("exclude_jobs=true&per_page=1", HttpOperations.Check, cancellationToken).ConfigureAwait(false);
        var rules = list is [{ Pipeline: { } pipeline }] ? pipeline : null;
        if ((rules?.SkipQueuedBranchBuilds == true && IsOf(rules.SkipQueuedBranchBuildsFilter, options.Branch))
            || (rules?.CancelRunningBranchBuilds == true && IsOf(rules.CancelRunningBranchBuildsFilter, options.Branch)))
        {
            throw new BuildRunnerConfigurationException(
                $"The pipeline {options.Pipeline} of Buildkite ends builds of the branch {options.Branch} when there is a newer one. "
                + $"Exclude the branch in its settings, with the filter !{options.Branch}.");
        }

        _checkedAt = rules is null ? null : new StrongBox<long>(time.GetTimestamp());
    }

    public async Task CancelAsync(
        long number, Func<CancellationToken, Task<bool>> hasEnded, Func<HttpReply, bool> isAccepted, CancellationToken stop)
    {
        using HttpRequestMessage message = new(HttpMethod.Put, $"builds/{number}/cancel") { Content = new ByteArrayContent([]) };
        await backend.CancelAsync(message, IdOf(number), hasEnded, isAccepted, stop).ConfigureAwait(false);
    }

    /// <summary>Opens the logs of the latest jobs that have begun, one after the other, as far as they have been written.</summary>
    public async Task<Stream> OpenLogAsync(long number, CancellationToken cancellationToken)
    {
        var row = await GetAsync(number, cancellationToken, "include_retried_jobs=false").ConfigureAwait(false);
        var jobs = (row.Jobs ?? []).OfType<JobRow>().Where(static job => job is { Type: "script", StartedAt: { }, Id: { } });
        var logs = jobs.Select(job => ($"builds/{number}/jobs/{Uri.EscapeDataString(job.Id!)}/log.txt", job.Name, job.State));
        return await backend.OpenLogsAsync(logs, followsRedirects: false, cancellationToken).ConfigureAwait(false);
    }

    public BuildId IdOf(long number) => new($"{options.Pipeline}/{number}");

    // "main features/* !features/x": one has to match unless all are negative, and no negative one may.
    private static bool IsOf(string? filter, string branch)
    {
        var patterns = (filter ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToLookup(static pattern => pattern[0] == '!');
        bool Matches(string pattern) => FileSystemName.MatchesSimpleExpression(pattern.TrimStart('!'), branch, ignoreCase: false);
        return (!patterns[false].Any() || patterns[false].Any(Matches)) && !patterns[true].Any(Matches);
    }

    // How far Buildkite lists is its own affair; what is beyond is read alone.
    private IAsyncEnumerable<BuildRow> ListAllAsync(string query, string operation, CancellationToken cancellationToken) =>
        backend.ReadPagesAsync($"builds?{query}&{Slim}", BuildkiteJson.Default.IReadOnlyListBuildRow, Hidden, operation, mayBeCut: true,
            cancellationToken: cancellationToken);

    private async Task<IReadOnlyList<BuildRow?>> ListAsync(string query, string operation, CancellationToken stop) =>
        await backend.ReadAsync($"builds?{query}", BuildkiteJson.Default.IReadOnlyListBuildRow, null, operation, stop).ConfigureAwait(false)
            ?? throw Hidden();

    private BuildRunnerConfigurationException Hidden() =>
        new($"Buildkite has no pipeline {options.Organization}/{options.Pipeline}, or hides it from this token.");
}
