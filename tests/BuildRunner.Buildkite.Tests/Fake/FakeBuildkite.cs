using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace BuildRunner.Buildkite.Tests.Fake;

/// <summary>A Buildkite with one pipeline, in memory, which lives by a clock. Everything that a test may want of it can be set.</summary>
internal sealed partial class FakeBuildkite(TimeProvider time) : FakeService
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, FakeBuild> _builds = new();
    private readonly Lock _lock = new();

    private long _lastBuild;
    private DateTimeOffset _windowEnds = time.GetUtcNow() + Window;
    private int _ofOrganization;
    private int _ofUser;

    public string Organization { get; set; } = "acme";

    public string Pipeline { get; set; } = "verify";

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Gets the tokens that may call, with their scopes.</summary>
    public ConcurrentDictionary<string, string[]> Tokens { get; } = new();

    /// <summary>Gets or sets a value indicating whether the pipeline is hidden from the tokens.</summary>
    public bool IsHidden { get; set; }

    /// <summary>Gets or sets how many requests a minute the organization and a user have. Buildkite's defaults are 200 and 50.</summary>
    public (int Organization, int User) Limits { get; set; } = (200, 50);

    /// <summary>Gets or sets a value indicating whether a build skips queued ones of its branch.</summary>
    public bool SkipsQueued { get; set; }

    public string? SkipsQueuedOf { get; set; }

    /// <summary>Gets or sets a value indicating whether a build cancels running ones of its branch.</summary>
    public bool CancelsRunning { get; set; }

    public string? CancelsRunningOf { get; set; }

    /// <summary>Gets or sets how long a list does not show a new build.</summary>
    public TimeSpan ListLag { get; set; }

    /// <summary>Gets or sets how long a build is being created. It cannot be cancelled then.</summary>
    public TimeSpan Creating { get; set; }

    /// <summary>Gets or sets a value indicating whether lists show a build that is blocked in this state, and not beside another.</summary>
    public bool ListsBlockedAsState { get; set; }

    /// <summary>Gets or sets a value indicating whether answers have members that nobody knows, and lack some.</summary>
    public bool VariesMembers { get; set; }

    /// <summary>Gets the logs that there are, by the id of their job.</summary>
    public ConcurrentDictionary<string, string> Logs { get; } = new();

    public IReadOnlyList<FakeBuild> Builds => [.. _builds.Values.OrderBy(static build => build.Number)];

    public int Creates => Requests.Count(static request => IsCreate(request));

    public static bool IsCreate(FakeRequest request) => request.Method == "POST";

    public FakeBuild BuildOf(BuildId buildId) => _builds[long.Parse(buildId.Value.Split('/')[1], CultureInfo.InvariantCulture)];

    /// <summary>Adds a build that somebody else has created, or a copy that somebody has made.</summary>
    public FakeBuild AddBuild(
        string branch = "main", JsonObject? env = null, JsonObject? metaData = null, FakeBuild? rebuiltFrom = null, string commit = "HEAD")
    {
        var number = Interlocked.Increment(ref _lastBuild);
        return _builds[number] = new FakeBuild(number, branch, commit, env ?? [], metaData ?? [], Now)
        {
            Creating = Creating,
            RebuiltFrom = rebuiltFrom,
        };
    }

    public void Remove(FakeBuild build) => _builds.TryRemove(build.Number, out _);

    public override FakeReply Handle(FakeRequest request)
    {
        var reply = base.Handle(request);
        return request.Method == "HEAD" ? reply with { Body = "" } : reply;
    }

    protected override FakeReply Reply(FakeRequest request) => Count(request);

    // A call counts for the organization and for the user, refused or not, and each answer tells both.
    private FakeReply Count(FakeRequest request)
    {
        int organization, user, reset;
        lock (_lock)
        {
            if (Now >= _windowEnds)
            {
                (_windowEnds, _ofOrganization, _ofUser) = (Now + Window, 0, 0);
            }

            (organization, user) = (++_ofOrganization, ++_ofUser);
            reset = (int)Math.Ceiling((_windowEnds - Now).TotalSeconds);
        }

        var reply = user > Limits.User ? FakeReply.Json(429, BuildkiteAnswers.Limited("rest_user", Limits.User, user, reset))
            : organization > Limits.Organization
                ? FakeReply.Json(429, BuildkiteAnswers.Limited("rest", Limits.Organization, organization, reset))
            : Act(request);
        WithBudget(reply, "", "rest", Limits.Organization, organization, reset);
        return WithBudget(reply, "User-", "rest_user", Limits.User, user, reset);
    }

    private static FakeReply WithBudget(FakeReply reply, string infix, string scope, int limit, int used, int reset)
    {
        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        reply.With($"RateLimit-{infix}Scope", scope).With($"RateLimit-{infix}Limit", Text(limit))
            .With($"RateLimit-{infix}Remaining", Text(Math.Max(0, limit - used))).With($"RateLimit-{infix}Reset", Text(reset));
        return used < limit ? reply : reply.With($"RateLimit-{infix}Warning", "You have exceeded your API rate limit.");
    }

    /// <summary>Sets how many requests were sent in this minute by somebody else.</summary>
    public void Use(int ofOrganization, int ofUser)
    {
        lock (_lock)
        {
            (_ofOrganization, _ofUser) = (ofOrganization, ofUser);
        }
    }
}
