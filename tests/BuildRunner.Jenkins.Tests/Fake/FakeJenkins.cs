using System.Collections.Concurrent;
using System.Globalization;

namespace BuildRunner.Jenkins.Tests.Fake;

/// <summary>A controller with one job, in memory, which lives by a clock. Everything that a test may want of it can be set.</summary>
internal sealed partial class FakeJenkins(TimeProvider time) : FakeService
{
    public const string Version = "2.541.1";
    public const string UserName = "queue";
    public const string Password = "a-password-of-the-tests";

    private static readonly TimeSpan Scheduling = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeftItemLife = TimeSpan.FromMinutes(5);

    private readonly List<FakeBuild> _builds = [];
    private readonly Lock _lock = new();

    private long _lastItem = 41;
    private long _lastNumber = 6;
    private string _session = "1f2e3d4c";

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Gets or sets the full name of the job, as <c>JOB_NAME</c> has it.</summary>
    public string Job { get; set; } = "team/verify";

    /// <summary>Gets what the job declares, with the kind of each parameter.</summary>
    public Dictionary<string, string> Declared { get; } = new()
    {
        ["BUILD_REQUEST"] = "TextParameterDefinition",
        ["BUILD_KEY"] = "StringParameterDefinition",
    };

    public bool IsBuildable { get; set; } = true;

    public bool IsPipeline { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether what decides about the queue refuses items.</summary>
    public bool RefusesItems { get; set; }

    /// <summary>Gets or sets how long the newest API has <c>inProgress</c>.</summary>
    public bool ShowsInProgress { get; set; } = true;

    public TimeSpan QuietPeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets a value indicating whether nothing is built: no executor, or a controller that quiets down.</summary>
    public bool IsQuietingDown
    {
        get;
        set
        {
            lock (_lock)
            {
                Tick();
                field = value;
            }
        }
    }

    /// <summary>Gets or sets how long an item that has left shows no build.</summary>
    public TimeSpan ExecutableLag { get; set; }

    /// <summary>Gets or sets how long a new build cannot be read, alone or in a list.</summary>
    public TimeSpan ReadLag { get; set; }

    /// <summary>Gets or sets how long the queue does not show a new item.</summary>
    public TimeSpan QueueLag { get; set; }

    /// <summary>Gets or sets the greatest form.</summary>
    public int MaxForm { get; set; } = 200_000;

    public HashSet<string> Tokens { get; } = [];

    public bool IsHidden { get; set; }

    public bool MayBuild { get; set; } = true;

    public bool MayCancel { get; set; } = true;

    public bool MayReadQueue { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether the controller is starting.</summary>
    public bool IsStarting { get; set; }

    /// <summary>Gets or sets a value indicating whether answers have members that nobody knows, and lack some.</summary>
    public bool VariesMembers { get; set; }

    public IReadOnlyList<FakeBuild> Builds
    {
        get
        {
            lock (_lock)
            {
                Tick();
                return [.. _builds];
            }
        }
    }

    public int Creates => Requests.Count(static request => request.Path.EndsWith("/buildWithParameters", StringComparison.Ordinal)
        && request.Method == "POST");

    /// <summary>Gets the path of the job, without a slash at its ends.</summary>
    public string Path => string.Join('/', Job.Split('/').Select(static name => $"job/{Uri.EscapeDataString(name)}"));

    public FakeBuild BuildOf(BuildId buildId) =>
        Builds.Single(build => build.QueueId == long.Parse(buildId.Value.Split('-')[0], CultureInfo.InvariantCulture));

    /// <summary>Adds a build that somebody else has started.</summary>
    public FakeBuild Add(Dictionary<string, string> parameters)
    {
        lock (_lock)
        {
            FakeBuild build = new(++_lastItem, parameters, Now, Now + Scheduling);
            _builds.Add(build);
            return build;
        }
    }

    public void Remove(FakeBuild build)
    {
        lock (_lock)
        {
            _builds.Remove(build);
        }
    }

    /// <summary>Deletes the job with its builds, and makes it anew: its builds are numbered from one.</summary>
    public void MakeJobAnew()
    {
        lock (_lock)
        {
            _builds.Clear();
            _lastNumber = 0;
        }
    }

    /// <summary>Starts anew: items of the queue stay, and those that have left it are forgotten. Killed, it loses the queue.</summary>
    public void Restart(bool isKilled = false, long? lastItem = null)
    {
        lock (_lock)
        {
            Tick();
            _session = Guid.NewGuid().ToString("N")[..8];
            _builds.RemoveAll(build => isKilled && build.LeftAt is null);
            _builds.RemoveAll(static build => build.IsCancelled);
            _builds.ForEach(build => build.LeftAt = build.LeftAt is null ? null : Now - LeftItemLife - TimeSpan.FromSeconds(1));
            _lastItem = lastItem ?? _lastItem;
        }
    }

    public override FakeReply Handle(FakeRequest request)
    {
        lock (_lock)
        {
            Tick();
            return base.Handle(request);
        }
    }

    protected override FakeReply Reply(FakeRequest request) => Act(request);

    // Items leave the queue in order, and are numbered as they do.
    private void Tick()
    {
        if (IsQuietingDown)
        {
            return;
        }

        var due = _builds.Where(build => build.LeftAt is null && build.LeavesAt <= Now).OrderBy(static build => build.LeavesAt);
        foreach (var build in due.ToList())
        {
            (build.LeftAt, build.Number) = (build.LeavesAt, ++_lastNumber);
        }
    }
}
