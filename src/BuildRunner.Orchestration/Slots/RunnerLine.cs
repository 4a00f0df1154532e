using System.Text.Json;

namespace BuildRunner.Orchestration;

/// <summary>Represents how the builds that wait for a runner are let in: the document of its line. Each build that is let in changes it, so
/// that no two processes let one in by the same count.</summary>
internal sealed record RunnerLine
{
    public static RunnerLine None { get; } = new();

    /// <summary>When the last build was let in, or null if none was.</summary>
    public DateTimeOffset? LetInAt { get; init; }

    /// <summary>When the second began in which builds are counted that a runner without limits gets after a hold, or null.</summary>
    public DateTimeOffset? SecondAt { get; init; }

    /// <summary>How many there were in that second.</summary>
    public int InSecond { get; init; }

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

    public static RunnerLine Read(BuildDocument? document) =>
        document is null ? None : JsonSerializer.Deserialize(document.Value, DocumentJson.Default.RunnerLine)!;

    /// <summary>Gets the document to save in place of one.</summary>
    public BuildDocument Write(string runner, BuildDocument? before) => new()
    {
        Name = DocumentNames.OfLine(runner),
        Value = JsonSerializer.Serialize(this, DocumentJson.Default.RunnerLine),
        Version = (before?.Version ?? 0) + 1,
    };
}
