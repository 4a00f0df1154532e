using System.Text.Json;

namespace BuildRunner.Orchestration;

/// <summary>Represents what all processes must know of a runner before they trigger a build: the document of the runner.</summary>
internal sealed record RunnerControl
{
    public static RunnerControl None { get; } = new();

    public RunnerPause? Pause { get; init; }

    /// <summary>Since when the runner is held, or null if it is not.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>For how long it was held before that, in all.</summary>
    public TimeSpan HeldBefore { get; init; }

    /// <summary>When the last build was let in, or null if none was.</summary>
    public DateTimeOffset? LetInAt { get; init; }

    /// <summary>When the last build was marked, if there must be a time between two triggers.</summary>
    public DateTimeOffset? TriggeredAt { get; init; }

    /// <summary>The owner that was served last, by priority.</summary>
    public IReadOnlyDictionary<int, string> Turns { get; init; } = new Dictionary<int, string>();

    /// <summary>Whether the next build to let in is the oldest, if it is old enough.</summary>
    public bool IsOldestNext { get; init; }

    /// <summary>The number of builds in a row that failed because of the infrastructure.</summary>
    public int FailuresInARow { get; init; }

    /// <summary>Until when no build is let in after that, or null.</summary>
    public DateTimeOffset? CooldownEndsAt { get; init; }

    public static RunnerControl Read(BuildDocument? document) =>
        document is null ? None : JsonSerializer.Deserialize(document.Value, DocumentJson.Default.RunnerControl)!;

    /// <summary>Gets the document to save in place of one.</summary>
    public BuildDocument Write(string runner, BuildDocument? before) => new()
    {
        Name = DocumentNames.OfRunner(runner),
        Value = JsonSerializer.Serialize(this, DocumentJson.Default.RunnerControl),
        Version = (before?.Version ?? 0) + 1,
    };

    /// <summary>Gets for how long the runner was held until a time, in all.</summary>
    public TimeSpan HeldAt(DateTimeOffset now) => HeldBefore + (HeldSince < now ? now - HeldSince.Value : TimeSpan.Zero);
}
