namespace BuildRunner.Orchestration;

/// <summary>What came of a poll: a status, an error, or neither where the runner does not know the build.</summary>
internal sealed record PollAnswer
{
    public BuildSnapshot? Snapshot { get; init; }

    public Exception? Error { get; init; }

    /// <summary>What the runner has said to the cancel before, if it asks to be left alone or its setup is at fault.</summary>
    public BuildRunnerException? CancelRefusal { get; init; }
}
