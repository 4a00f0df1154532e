namespace BuildRunner.Queue;

/// <summary>Specifies the outcome of handling a message.</summary>
internal enum OutcomeKind
{
    /// <summary>The message is finished.</summary>
    Done = 1,

    /// <summary>Not yet: the message is delivered again after a delay, and its partition waits.</summary>
    Postpone,

    /// <summary>Failed, try again: the message is delivered again after a pause, and its partition continues.</summary>
    Retry,

    /// <summary>Failed for good: the message becomes a dead letter.</summary>
    Reject,
}
