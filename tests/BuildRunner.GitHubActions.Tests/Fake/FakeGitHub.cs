using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Tests.Fake;

/// <summary>A GitHub with one workflow, in memory, which lives by a clock. Everything that a test may want of it can be set.</summary>
internal sealed partial class FakeGitHub(TimeProvider time, FakeMode mode = FakeMode.GitHub) : FakeService
{
    public const string WorkflowFile = "build.yml";
    public const long WorkflowId = 159038;

    private const int CoreLimit = 5000;

    private readonly ConcurrentDictionary<long, FakeRun> _runs = new();
    private readonly Lock _lock = new();

    // Above what 32 bits hold, as GitHub's are.
    private long _lastRun = 31_000_000_000;

    public FakeMode Mode => mode;

    public string Owner { get; set; } = "acme";

    public string Repository { get; set; } = "shop";

    public string FullName => $"{Owner}/{Repository}";

    public DateTimeOffset Now => time.GetUtcNow() + ClockAhead;

    /// <summary>Gets or sets what its clock is ahead of that of the runner.</summary>
    public TimeSpan ClockAhead { get; set; }

    /// <summary>Gets what the workflow declares.</summary>
    public HashSet<string> Inputs { get; } = ["build_request", "build_key"];

    /// <summary>Gets or sets the run-name of the workflow.</summary>
    public string RunName { get; set; } = "Verify ${{ inputs.build_key }}";

    public bool HasDispatchTrigger { get; set; } = true;

    /// <summary>Gets the branches, with their commits.</summary>
    public ConcurrentDictionary<string, string> Branches { get; } = new() { ["main"] = "acb5820ced9479c074f688cc328bf03f341a511d" };

    /// <summary>Gets or sets what tells the commit of a branch, or null where there is none. By default <see cref="Branches"/> do.</summary>
    public Func<string, string?> TipOf
    {
        get => field ?? Branches.GetValueOrDefault;
        set;
    }

    /// <summary>Gets the tokens that may call, with when they end.</summary>
    public ConcurrentDictionary<string, DateTimeOffset> Tokens { get; } = new();

    /// <summary>Gets or sets a value indicating whether the repository is hidden from the tokens.</summary>
    public bool IsHidden { get; set; }

    /// <summary>Gets or sets a value indicating whether the tokens may not write.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Gets or sets how long a list does not show a new run.</summary>
    public TimeSpan ListLag { get; set; }

    /// <summary>Gets or sets how long a new run cannot be read.</summary>
    public TimeSpan ReadLag { get; set; }

    /// <summary>Gets or sets how far GraphQL is behind.</summary>
    public TimeSpan GraphLag { get; set; }

    /// <summary>Gets or sets how long a new run cannot be cancelled.</summary>
    public TimeSpan CancelLag { get; set; }

    /// <summary>Gets or sets a value indicating whether answers have members that nobody knows, and lack some.</summary>
    public bool VariesMembers { get; set; }

    /// <summary>Gets or sets a value indicating whether no run comes of a dispatch, as beyond 500 in ten seconds.</summary>
    public bool DropsRuns { get; set; }

    /// <summary>Gets or sets how many calls are left to REST and to GraphQL.</summary>
    public (int Core, int Graph) Remaining { get; set; } = (CoreLimit, CoreLimit);

    public DateTimeOffset ResetsAt { get; set; } = time.GetUtcNow() + TimeSpan.FromHours(1);

    /// <summary>Gets or sets where logs are stored.</summary>
    public Uri LogStore { get; set; } = new("https://logs.test/");

    public override void ServeAt(Uri address) => LogStore = new UriBuilder(address) { Host = "localhost" }.Uri;

    /// <summary>Gets the logs that there are, by the number of their job; a job without one is the redirect to nothing.</summary>
    public ConcurrentDictionary<long, string> Logs { get; } = new();

    public IReadOnlyList<FakeRun> Runs => [.. _runs.Values.OrderBy(static run => run.Id)];

    public int Dispatches => Requests.Count(static request => request.Method == "POST"
        && request.Path.EndsWith("/dispatches", StringComparison.Ordinal));

    public FakeRun RunOf(BuildId buildId) => _runs[long.Parse(buildId.Value.Split('-')[0], CultureInfo.InvariantCulture)];

    /// <summary>Adds a run that somebody else has dispatched.</summary>
    public FakeRun AddRun(string title, DateTimeOffset? createdAt = null, string reference = "main")
    {
        var id = Interlocked.Increment(ref _lastRun);
        return _runs[id] = new FakeRun(id, reference, Branches.GetValueOrDefault(reference, "acb5820ced9479c074f688cc328bf03f341a511d"),
            title, [], createdAt ?? Now);
    }

    public void Remove(FakeRun run) => _runs.TryRemove(run.Id, out _);

    protected override FakeReply Reply(FakeRequest request) => Finish(request, Act(request));

    // The date, the rate limit and the tag that answers have; one that has not changed costs nothing.
    private FakeReply Finish(FakeRequest request, FakeReply reply)
    {
        if (request.Address.Host == LogStore.Host && request.Path.StartsWith("/store/", StringComparison.Ordinal))
        {
            return reply;
        }

        reply.With("Date", Now.ToString("R", CultureInfo.InvariantCulture)).With("X-GitHub-Request-Id", "0400:1234");
        if (request.Method == "GET" && reply.Status == 200)
        {
            var tag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(reply.Body)))}\"";
            if (request.Header("If-None-Match") == tag)
            {
                return WithLimit(request, new FakeReply(304, "", ""), cost: 0).With("ETag", tag).With("Date", reply.Headers["Date"]);
            }

            reply.With("ETag", tag);
        }

        return WithLimit(request, reply, cost: 1);
    }

    private FakeReply WithLimit(FakeRequest request, FakeReply reply, int cost)
    {
        if (mode is FakeMode.Ghes319 or FakeMode.Ghes321)
        {
            return reply;
        }

        lock (_lock)
        {
            var isGraph = request.Path.EndsWith("/graphql", StringComparison.Ordinal);
            if (Now >= ResetsAt)
            {
                (Remaining, ResetsAt) = ((CoreLimit, CoreLimit), Now + TimeSpan.FromHours(1));
            }

            var left = isGraph ? Remaining.Graph : Remaining.Core;
            if (left < cost)
            {
                reply = FakeReply.Json(403, GitHubAnswers.Error(403, "API rate limit exceeded for installation ID 1."));
            }

            left = Math.Max(0, left - cost);
            Remaining = isGraph ? (Remaining.Core, left) : (left, Remaining.Graph);
            return reply
                .With("x-ratelimit-limit", CoreLimit.ToString(CultureInfo.InvariantCulture))
                .With("x-ratelimit-remaining", left.ToString(CultureInfo.InvariantCulture))
                .With("x-ratelimit-used", (CoreLimit - left).ToString(CultureInfo.InvariantCulture))
                .With("x-ratelimit-reset", ResetsAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))
                .With("x-ratelimit-resource", isGraph ? "graphql" : "core");
        }
    }
}
