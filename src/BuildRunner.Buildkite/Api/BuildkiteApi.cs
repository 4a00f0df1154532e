using System.Globalization;
using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BuildRunner.Http;

namespace BuildRunner.Buildkite.Api;

/// <summary>The calls about one pipeline.</summary>
internal sealed class BuildkiteApi(HttpBackend backend, BuildkiteBuildRunnerOptions options)
{
    public const string RequestVariable = "BUILD_REQUEST";
    public const string DigestData = "build_digest";

    private const string KeyVariable = "BUILD_KEY";
    private const string KeyData = "build_key";

    // By it the builds of runners are listed apart from all others of the pipeline.
    private const string MarkData = "build_runner";
    private const string Mark = "1";

    private const int PageSize = 100;

    // Buildkite lists no further than it likes; what is beyond is read alone.
    private const int MaxPages = 20;

    // Without those that are blocked, which pile up where nobody unblocks them.
    private const string LiveStates =
        "state%5B%5D=creating&state%5B%5D=scheduled&state%5B%5D=running&state%5B%5D=failing&state%5B%5D=canceling";

    private const string FailedJobs = "job_states%5B%5D=failed&job_states%5B%5D=timed_out&job_states%5B%5D=expired";
    private const string AllJobs = "include_retried_jobs=false";
    private const string Slim = "exclude_jobs=true&exclude_pipeline=true";

    /// <summary>Creates the build of an order, once.</summary>
    public async Task<BuildId> CreateAsync(
        BuildOrder order, Func<CancellationToken, Task<BuildId?>> find, CancellationToken cancellationToken)
    {
        var environment = order.Document is null
            ? null
            : new Dictionary<string, string> { [RequestVariable] = order.Document, [KeyVariable] = order.Token };
        NewBuild build = new(
            order.Merged?.CommitId ?? "HEAD",
            order.Merged?.Branch ?? options.Branch,
            $"build {order.Token}",
            IgnorePipelineBranchFilters: true,
            environment,
            new Dictionary<string, string> { [MarkData] = Mark, [KeyData] = order.Token, [DigestData] = order.Digest });
        using var message = HttpJson.Post("builds", build, BuildkiteJson.Default.NewBuild);
        return await backend.CreateAsync(message, IdOf, find, amend: null, cancellationToken).ConfigureAwait(false);

        BuildId? IdOf(HttpReply reply) =>
            reply.TryReadJson(BuildkiteJson.Default.BuildRow, out var row) && row.Number > 0 ? this.IdOf(row.Number) : null;
    }

    /// <summary>Reads a build with those of its latest jobs that failed, or with all of them.</summary>
    public async Task<BuildRow> GetAsync(long number, BuildId buildId, CancellationToken cancellationToken, string jobs = FailedJobs)
    {
        var path = $"builds/{Text(number)}?{jobs}&exclude_pipeline=true";
        var reading = backend.ReadAsync(path, BuildkiteJson.Default.BuildRow, buildId, HttpOperations.Read, cancellationToken);
        if (await reading.ConfigureAwait(false) is { } row)
        {
            return row;
        }

        // The pipeline itself may be missing, or hidden.
        await ListAsync($"{Slim}&per_page=1", HttpOperations.Read, cancellationToken).ConfigureAwait(false);
        throw new BuildNotFoundException(buildId);
    }

    /// <summary>Reads all builds of runners that have not ended.</summary>
    public async Task<List<BuildRow>> ListLiveAsync(CancellationToken cancellationToken)
    {
        List<BuildRow> rows = [];
        var pages = PagesAsync($"{LiveStates}&meta_data%5B{MarkData}%5D={Mark}", HttpOperations.Read, cancellationToken);
        await foreach (var page in pages.ConfigureAwait(false))
        {
            rows.AddRange(page);
        }

        return rows;
    }

    /// <summary>Finds the oldest build with the word of a key that nobody has made of another build.</summary>
    public async Task<CreatedBuild?> FindAsync(string token, CancellationToken cancellationToken)
    {
        BuildRow? oldest = null;
        var pages = PagesAsync($"meta_data%5B{KeyData}%5D={token}", HttpOperations.Check, cancellationToken);
        await foreach (var page in pages.ConfigureAwait(false))
        {
            oldest = page.Where(row => row.RebuiltFrom.ValueKind != JsonValueKind.Object)
                .Where(row => BuildkiteJson.TextOf(row.MetaData, KeyData) == token)
                .Append(oldest).OfType<BuildRow>().MinBy(static row => row.Number);
        }

        return oldest is null ? null : new CreatedBuild(oldest.Number, BuildkiteJson.TextOf(oldest.MetaData, DigestData));
    }

    /// <summary>Checks that a build of the branch does not end those before it. Gets false if the pipeline has no build that tells.</summary>
    public async Task<bool> CheckRulesAsync(CancellationToken cancellationToken)
    {
        var list = await ListAsync("exclude_jobs=true&per_page=1", HttpOperations.Check, cancellationToken).ConfigureAwait(false);
        if (list is not [{ Pipeline: { } pipeline }])
        {
            return false;
        }

        return (pipeline.SkipQueuedBranchBuilds == true && IsOf(pipeline.SkipQueuedBranchBuildsFilter, options.Branch))
            || (pipeline.CancelRunningBranchBuilds == true && IsOf(pipeline.CancelRunningBranchBuildsFilter, options.Branch))
            ? throw new BuildRunnerConfigurationException(
                $"The pipeline {options.Pipeline} of Buildkite ends builds of the branch {options.Branch} when there is a newer one. "
                + $"Exclude the branch in its settings, with the filter !{options.Branch}.")
            : true;
    }

    public async Task CancelAsync(
        long number, BuildId buildId, Func<CancellationToken, Task<bool>> hasEnded, Func<HttpReply, bool> isAccepted,
        CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(HttpMethod.Put, $"builds/{Text(number)}/cancel") { Content = new ByteArrayContent([]) };
        await backend.CancelAsync(message, buildId, hasEnded, isAccepted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the logs of the latest jobs that have begun, one after the other, as far as they have been written.</summary>
    public async Task<Stream> OpenLogAsync(long number, BuildId buildId, CancellationToken cancellationToken)
    {
        var row = await GetAsync(number, buildId, cancellationToken, AllJobs).ConfigureAwait(false);
        var jobs = (row.Jobs ?? []).OfType<JobRow>().Where(static job => job is { Type: "script", StartedAt: { }, Id: { } });
        var texts = jobs.Select(job => new HttpText($"builds/{Text(number)}/jobs/{Uri.EscapeDataString(job.Id!)}/log.txt")
        {
            Heading = $"== {job.Name} ({job.State})\n",
            MayBeMissing = true,
        });
        return await backend.OpenTextAsync([.. texts], cancellationToken).ConfigureAwait(false);
    }

    public BuildId IdOf(long number) => new($"{options.Pipeline}/{Text(number)}");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    // "main features/* !features/x": one has to match unless all are negative, and no negative one may.
    private static bool IsOf(string? filter, string branch)
    {
        var patterns = (filter ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToLookup(static pattern => pattern[0] == '!');
        bool Matches(string pattern) => FileSystemName.MatchesSimpleExpression(pattern.TrimStart('!'), branch, ignoreCase: false);
        return (!patterns[false].Any() || patterns[false].Any(Matches)) && !patterns[true].Any(Matches);
    }

    private async IAsyncEnumerable<IReadOnlyList<BuildRow>> PagesAsync(
        string query, string operation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var (page, count) = (1, PageSize); page <= MaxPages && count == PageSize; page++)
        {
            var list = await ListAsync($"{query}&{Slim}&per_page={PageSize}&page={Text(page)}", operation, cancellationToken)
                .ConfigureAwait(false);
            count = list.Count;
            yield return [.. list.OfType<BuildRow>()];
        }
    }

    private async Task<IReadOnlyList<BuildRow?>> ListAsync(string query, string operation, CancellationToken cancellationToken) =>
        await backend.ReadAsync(
            $"builds?{query}", BuildkiteJson.Default.IReadOnlyListBuildRow, buildId: null, operation, cancellationToken).ConfigureAwait(false)
            ?? throw new BuildRunnerConfigurationException(
                $"Buildkite has no pipeline {options.Organization}/{options.Pipeline}, or hides it from this token.");
}
