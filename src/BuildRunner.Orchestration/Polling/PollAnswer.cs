namespace BuildRunner.Orchestration;

/// <summary>Represents the outcome of a poll: a status, an error, or neither if the runner does not know the build.</summary>
internal sealed record PollAnswer
{
    public BuildSnapshot? Snapshot { get; init; }

    public Exception? Error { get; init; }

    /// <summary>The error of the cancel before the poll, if the runner asks for a pause or its setup is at fault.</summary>
    public BuildRunnerException? CancelRefusal { get; init; }
}
