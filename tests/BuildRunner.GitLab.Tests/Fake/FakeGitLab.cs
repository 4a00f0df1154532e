using System.Collections.Concurrent;
using System.Globalization;

namespace BuildRunner.GitLab.Tests.Fake;

/// <summary>A GitLab with one project, in memory, which lives by a clock. Everything that a test may want of it can be set.</summary>
internal sealed partial class FakeGitLab(TimeProvider time) : FakeService
{
    public const long ProjectId = 4711;
    public const string Commit = "acb5820ced9479c074f688cc328bf03f341a511d";

    private readonly ConcurrentDictionary<long, FakePipeline> _pipelines = new();
    private readonly Lock _lock = new();

    private long _lastPipeline = 31_000_000_000;
    private (DateTimeOffset Resets, int Used) _window;

    public string Project { get; set; } = "acme/shop";

    public DateTimeOffset Now => time.GetUtcNow() + ClockAhead;

    /// <summary>Gets or sets what its clock is ahead of that of the runner.</summary>
    public TimeSpan ClockAhead { get; set; }

    /// <summary>Gets or sets the <c>workflow:name</c> of the pipeline file, with variables.</summary>
    public string? PipelineName { get; set; } = "$BUILD_KEY";

    /// <summary>Gets the branches, with their commits.</summary>
    public ConcurrentDictionary<string, string> Branches { get; } = new() { ["main"] = Commit };

    /// <summary>Gets the access tokens, with when they end.</summary>
    public ConcurrentDictionary<string, DateTimeOffset> Tokens { get; } = new();

    /// <summary>Gets the trigger tokens.</summary>
    public HashSet<string> TriggerTokens { get; } = [];

    public bool IsHidden { get; set; }

    /// <summary>Gets or sets a value indicating whether the tokens may not write.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Gets or sets a value indicating whether the tokens may force jobs to end.</summary>
    public bool IsMaintainer { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether the tokens may not read variables.</summary>
    public bool HidesVariables { get; set; }

    /// <summary>Gets or sets a value indicating whether nobody may set pipeline variables.</summary>
    public bool RefusesVariables { get; set; }

    /// <summary>Gets or sets the length above which variables are dropped without a word, as older servers do.</summary>
    public int MaxVariable { get; set; } = int.MaxValue;

    /// <summary>Gets or sets a value indicating whether lists do not know the filter by name, as on an older server.</summary>
    public bool IgnoresNameFilter { get; set; }

    public TimeSpan ListLag { get; set; }

    public TimeSpan ReadLag { get; set; }

    /// <summary>Gets or sets how many pipelines of a commit may be created in a minute.</summary>
    public int MaxCreates { get; set; } = int.MaxValue;

    /// <summary>Gets or sets how many requests are taken in a minute, or null without a limit and its headers.</summary>
    public int? RateLimit { get; set; }

    /// <summary>Gets or sets how many lists of jobs are given yet, before the limit of the application.</summary>
    public int JobListsLeft { get; set; } = int.MaxValue;

    public bool VariesMembers { get; set; }

    /// <summary>Gets what jobs have written, by their ids.</summary>
    public ConcurrentDictionary<long, string> Traces { get; } = new();

    public IReadOnlyList<FakePipeline> Pipelines => [.. _pipelines.Values.OrderBy(static pipeline => pipeline.Id)];

    public int Creates => Requests.Count(IsCreate);

    public static bool IsCreate(FakeRequest request) => request.Method == "POST" && request.Path.EndsWith("/pipeline", StringComparison.Ordinal);

    public FakePipeline PipelineOf(BuildId buildId) => _pipelines[long.Parse(buildId.Value.Split('-')[0], CultureInfo.InvariantCulture)];

    /// <summary>Adds a pipeline that somebody else has created.</summary>
    public FakePipeline AddPipeline(
        string? name = null, string source = "api", IReadOnlyDictionary<string, string>? variables = null, string sha = Commit)
    {
        FakePipeline pipeline = new(Interlocked.Increment(ref _lastPipeline), source, "main", sha,
            variables ?? new Dictionary<string, string>(), Now)
        { Name = name };
        return _pipelines[pipeline.Id] = pipeline;
    }

    public void Remove(FakePipeline pipeline) => _pipelines.TryRemove(pipeline.Id, out _);

    protected override FakeReply Reply(FakeRequest request) => Limit(() => Act(request));

    // As Rack::Attack does: headers on every answer, and text on a refusal.
    private FakeReply Limit(Func<FakeReply> act)
    {
        if (RateLimit is not { } limit)
        {
            return act().With("Date", Now.ToString("R", CultureInfo.InvariantCulture));
        }

        lock (_lock)
        {
            _window = Now >= _window.Resets ? (Now + TimeSpan.FromMinutes(1), 1) : (_window.Resets, _window.Used + 1);
            var isOver = _window.Used > limit;
            var left = _window.Resets - Now;
            var reply = (isOver ? new FakeReply(429, "Retry later\n", "text/plain") : act())
                .With("Date", Now.ToString("R", CultureInfo.InvariantCulture))
                .With("RateLimit-Name", "throttle_authenticated_api")
                .With("RateLimit-Limit", limit.ToString(CultureInfo.InvariantCulture))
                .With("RateLimit-Observed", _window.Used.ToString(CultureInfo.InvariantCulture))
                .With("RateLimit-Remaining", Math.Max(0, limit - _window.Used).ToString(CultureInfo.InvariantCulture))
                .With("RateLimit-Reset", _window.Resets.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            return isOver
                ? reply.With("Retry-After", Math.Ceiling(left.TotalSeconds).ToString(CultureInfo.InvariantCulture))
                    .With("RateLimit-ResetTime", _window.Resets.ToString("R", CultureInfo.InvariantCulture))
                : reply;
        }
    }
}
