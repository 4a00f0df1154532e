using System.Text.Json;

namespace BuildRunner.Jenkins.Tests.Fake;

/// <summary>An item of the queue and the build that comes of it, which live by a clock as their changes say, or as a test does.</summary>
internal sealed class FakeBuild(
    long queueId, IReadOnlyDictionary<string, string> parameters, DateTimeOffset queuedAt, DateTimeOffset leavesAt)
{
    private static readonly TimeSpan Running = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Stopping = TimeSpan.FromSeconds(1);

    private DateTimeOffset? _stoppedAt;
    private (bool? Building, bool? InProgress, string? Result)? _set;

    public long QueueId { get; set; } = queueId;

    public Dictionary<string, string> Parameters { get; } = new(parameters);

    public DateTimeOffset QueuedAt { get; } = queuedAt;

    /// <summary>Gets or sets when it leaves the queue to be built: never, for a queue that does not move.</summary>
    public DateTimeOffset LeavesAt { get; set; } = leavesAt;

    /// <summary>Gets or sets when it has left.</summary>
    public DateTimeOffset? LeftAt { get; set; }

    public bool IsCancelled { get; set; }

    /// <summary>Gets or sets the number of the build, or null for an item that has none.</summary>
    public long? Number { get; set; }

    /// <summary>Gets or sets what kind of a queue item it is: <c>blocked</c>, <c>buildable</c> or <c>waiting</c>.</summary>
    public string Stage { get; set; } = "waiting";

    /// <summary>Gets or sets the log so far.</summary>
    public string? Log { get; set; }

    /// <summary>Gets the stops that were asked for, in order.</summary>
    public List<string> Stops { get; } = [];

    /// <summary>Gets or sets a value indicating whether only a kill ends it.</summary>
    public bool IgnoresTerm { get; set; }

    /// <summary>Gets or sets a value indicating whether a stop has been lost.</summary>
    public bool IgnoresStop { get; set; } = IsOfKind(parameters, "IgnoresCancel");

    public BuildRequest? Request => Parameters.GetValueOrDefault("BUILD_REQUEST") is { Length: > 0 } text
        ? JsonSerializer.Deserialize<BuildRequest>(text) : null;

    public void Set(bool? building, bool? inProgress, string? result) => _set = (building, inProgress, result);

    public void Stop(DateTimeOffset now, string verb)
    {
        Stops.Add(verb);
        if (verb == "kill" || (verb == "term" && !IgnoresTerm) || !IgnoresStop)
        {
            _stoppedAt ??= now;
        }
    }

    public (bool? Building, bool? InProgress, string? Result) StateAt(DateTimeOffset now)
    {
        if (_stoppedAt is { } stopped && now >= stopped + Stopping
            && (_set is { Building: true } || (_set is null && (IsLong || stopped + Stopping < LeftAt + Running))))
        {
            return (false, false, "ABORTED");
        }

        return _set is { } set ? set
            : IsLong || now < LeftAt + Running ? (true, true, null)
            : (false, false, IsOfKind(Parameters, "Fails") ? "FAILURE" : "SUCCESS");
    }

    private bool IsLong => IsOfKind(Parameters, "RunsLong") || IsOfKind(Parameters, "IgnoresCancel");

    private static bool IsOfKind(IReadOnlyDictionary<string, string> parameters, string kind) =>
        parameters.GetValueOrDefault("BUILD_REQUEST")?.Contains($"test:{kind}/", StringComparison.Ordinal) == true;
}
