using System.Text.Json;

namespace BuildRunner.Orchestration;

/// <summary>Represents the limits of a build. Those of the runner's options apply where it has none.</summary>
internal sealed record BuildPolicy
{
    public static BuildPolicy None { get; } = new();

    /// <summary>The time from the submission to the deadline, without the time for which the runner was held.</summary>
    public TimeSpan? Timeout { get; init; }

    public TimeSpan? PendingTimeout { get; init; }

    public TimeSpan? RunTimeout { get; init; }

    public RetryOptions? Retry { get; init; }

    public static BuildPolicy Read(string? text) =>
        text is null ? None : JsonSerializer.Deserialize(text, DocumentJson.Default.BuildPolicy)!;

    /// <summary>Gets the text for a store, or null for none.</summary>
    public string? Write() => this == None ? null : JsonSerializer.Serialize(this, DocumentJson.Default.BuildPolicy);
}
