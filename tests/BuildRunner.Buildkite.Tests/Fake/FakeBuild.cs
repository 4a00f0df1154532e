using System.Text.Json;
using System.Text.Json.Nodes;

namespace BuildRunner.Buildkite.Tests.Fake;

/// <summary>A build, which lives by a clock as its changes say, or as a test does.</summary>
internal sealed class FakeBuild(long number, string branch, string commit, JsonObject env, JsonObject metaData, DateTimeOffset createdAt)
{
    private static readonly TimeSpan Scheduled = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Running = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Stopping = TimeSpan.FromSeconds(2);

    private static readonly string[] Ended = ["passed", "failed", "canceled", "skipped", "not_run"];

    private readonly Lock _lock = new();
    private readonly List<(DateTimeOffset At, string? State, bool Blocked)> _changes = [];

    private DateTimeOffset? _cancelledAt;

    public Guid Id { get; } = Guid.NewGuid();

    public long Number { get; } = number;

    public string Branch { get; } = branch;

    public string Commit { get; } = commit;

    public string Message { get; init; } = "";

    public JsonObject Env { get; } = env;

    public JsonObject MetaData { get; } = metaData;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    /// <summary>Gets the build that this one is a copy of.</summary>
    public FakeBuild? RebuiltFrom { get; init; }

    /// <summary>Gets how long the build is being created.</summary>
    public TimeSpan Creating { get; init; }

    public string? CancelReason { get; private set; }

    /// <summary>Gets or sets until when no list shows the build.</summary>
    public DateTimeOffset UnlistedUntil { get; set; }

    /// <summary>Gets or sets what to answer for the jobs, or null for one job that goes as the build does.</summary>
    public Func<IReadOnlyList<JsonObject>>? Jobs { get; set; }

    public BuildRequest? Request => Env["BUILD_REQUEST"]?.GetValue<string>() is { } text
        ? JsonSerializer.Deserialize<BuildRequest>(text) : null;

    public static bool IsEnd(string? state) => Ended.Contains(state);

    public void Set(DateTimeOffset now, string? state, bool blocked = false)
    {
        lock (_lock)
        {
            _changes.Add((now, state, blocked));
        }
    }

    /// <summary>Starts the failed jobs again, as a person does. The number stays.</summary>
    public void RetryFailedJobs(DateTimeOffset now)
    {
        lock (_lock)
        {
            var (state, _) = StateAt(now);
            _changes.Add((now, state, false));
            _changes.Add((now, "running", false));
        }
    }

    public void Cancel(DateTimeOffset now, string reason)
    {
        lock (_lock)
        {
            (_cancelledAt, CancelReason) = (_cancelledAt ?? now, reason);
            _changes.Add((now, "canceling", false));
            if (!Is("IgnoresCancel"))
            {
                _changes.Add((now + Stopping, "canceled", false));
            }
        }
    }

    public (string? State, bool Blocked) StateAt(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_changes.FindLastIndex(change => change.At <= now) is >= 0 and var set)
            {
                return (_changes[set].State, _changes[set].Blocked);
            }

            return (now < CreatedAt + Creating ? "creating"
                : now < CreatedAt + Creating + Scheduled ? "scheduled"
                : now < CreatedAt + Creating + Running || Is("RunsLong") || Is("IgnoresCancel") ? "running"
                : Is("Fails") ? "failed" : "passed", false);
        }
    }

    public DateTimeOffset? FinishedAt(DateTimeOffset now)
    {
        lock (_lock)
        {
            return !IsEnd(StateAt(now).State) ? null
                : _changes.Count > 0 ? _changes.FindLast(change => change.At <= now).At
                : CreatedAt + Creating + Running;
        }
    }

    private bool Is(string kind) => Request is { } request && request.Base.Concat(request.Head).SelectMany(static change => change.Uris)
        .Any(uri => uri.StartsWith($"test:{kind}/", StringComparison.Ordinal));
}
