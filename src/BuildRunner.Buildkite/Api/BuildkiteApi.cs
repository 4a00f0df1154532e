using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BuildRunner.Http;

namespace BuildRunner.Buildkite.Api;

/// <summary>The calls about one pipeline.</summary>
internal sealed class BuildkiteApi(HttpBackend backend, BuildkiteBuildRunnerOptions options, TimeProvider time)
{
    public const string RequestVariable = "BUILD_REQUEST";

    // By the last the builds of runners are listed apart from all others of the pipeline.
    private const string KeyData = "build_key";
    private const string DigestData = "build_digest";
    private const string MarkData = "build_runner";

    // How far Buildkite lists is its own affair; what is beyond is read alone.
    private const int PageSize = 100;
    private const int MaxPages = 20;

    // Without those that are blocked, which pile up where nobody unblocks them.
    private const string LiveStates =
        "state%5B%5D=creating&state%5B%5D=scheduled&state%5B%5D=running&state%5B%5D=failing&state%5B%5D=canceling";
    private const string FailedJobs = "job_states%5B%5D=failed&job_states%5B%5D=timed_out&job_states%5B%5D=expired";
    private const string Slim = "exclude_jobs=true&exclude_pipeline=true";

    // A list may show late what this process has created.
    private readonly RecentBuilds<string, CreatedBuild> _created = new();

    // When the rules were last checked: a time stamp.
    private volatile StrongBox<long>? _checkedAt;

    public async Task<BuildId> CreateAsync(BuildOrder order, CancellationToken cancellationToken)
    {
        var (commit, branch) = order.Merged is { } merged ? (merged.CommitId, merged.Branch) : ("HEAD", options.Branch);
        NewBuild build = new(
            commit, branch, $"build {order.Token}", IgnorePipelineBranchFilters: true,
            order.Document is null ? null : new() { [RequestVariable] = order.Document, ["BUILD_KEY"] = order.Token },
            new() { [MarkData] = "1", [KeyData] = order.Token, [DigestData] = order.Digest });
        using var message = HttpJson.Post("builds", build, BuildkiteJson.Default.NewBuild);
        return await backend.CreateAsync(message, IdIn, FindLostAsync, amend: null, cancellationToken).ConfigureAwait(false);

        BuildId? IdIn(HttpReply reply) => reply.TryReadJson(BuildkiteJson.Default.BuildRow, out var row) && row.Number > 0
            ? _created.GetOrAdd(order.Token, new CreatedBuild(IdOf(row.Number), row.Number, order.Digest)).Id
            : null;
        async Task<BuildId?> FindLostAsync(CancellationToken stop) => (await FindAsync(order.Token, stop).ConfigureAwait(false))?.Id;
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
        var texts = jobs.Select(job => new HttpText($"builds/{number}/jobs/{Uri.EscapeDataString(job.Id!)}/log.txt")
        {
            Heading = $"== {job.Name} ({job.State})\n",
            MayBeMissing = true,
        });
        return await backend.OpenTextAsync([.. texts], cancellationToken).ConfigureAwait(false);
    }

    public BuildId IdOf(long number) => new($"{options.Pipeline}/{number}");

    // "main features/* !features/x": one has to match unless all are negative, and no negative one may.
    private static bool IsOf(string? filter, string branch)
    {
        var patterns = (filter ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToLookup(static pattern => pattern[0] == '!');
        bool Matches(string pattern) => FileSystemName.MatchesSimpleExpression(pattern.TrimStart('!'), branch, ignoreCase: false);
        return (!patterns[false].Any() || patterns[false].Any(Matches)) && !patterns[true].Any(Matches);
    }

    private async IAsyncEnumerable<BuildRow> ListAllAsync(
        string query, string operation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var (page, count) = (1, PageSize); page <= MaxPages && count == PageSize; page++)
        {
            IReadOnlyList<BuildRow?> list;
            try
            {
                list = await ListAsync($"{query}&{Slim}&per_page={PageSize}&page={page}", operation, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (BuildRunnerException exception)
                when (page > 1 && exception is { IsTransient: false } and not BuildRunnerConfigurationException)
            {
                yield break; // Too deep.
            }

            count = list.Count;
            foreach (var row in list.OfType<BuildRow>())
            {
                yield return row;
            }
        }
    }

    private async Task<IReadOnlyList<BuildRow?>> ListAsync(string query, string operation, CancellationToken stop) =>
        await backend.ReadAsync($"builds?{query}", BuildkiteJson.Default.IReadOnlyListBuildRow, null, operation, stop).ConfigureAwait(false)
            ?? throw new BuildRunnerConfigurationException(
                $"Buildkite has no pipeline {options.Organization}/{options.Pipeline}, or hides it from this token.");
}
