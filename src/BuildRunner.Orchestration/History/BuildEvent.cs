using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Represents an entry in the history of a build.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record BuildEvent
{
    /// <summary>Gets when it was saved, by the clock of the store, in whole milliseconds.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Gets what happened.</summary>
    public required BuildEventKind Kind { get; init; }

    /// <summary>Gets the status afterwards.</summary>
    [JsonConverter(typeof(BuildStatusJsonConverter))]
    public BuildStatus Status { get; init; } = BuildStatus.Accepted;

    /// <summary>Gets the number of the attempt: 1 for the first.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Gets why the build is being cancelled, for <see cref="BuildEventKind.Cancelling"/>.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<BuildCancelCause>))]
    public BuildCancelCause CancelCause { get; init; }

    /// <summary>Gets the runner's id of the build, up to 128 characters of it, or <see langword="null"/> if it was not known.</summary>
    public string? RemoteId { get; init; }

    /// <summary>Gets who cancelled the build and why, or why the attempt or the build ended, shortened, or <see
    /// langword="null"/>.</summary>
    public string? Note { get; init; }
}
