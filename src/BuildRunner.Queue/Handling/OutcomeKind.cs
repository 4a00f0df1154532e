namespace BuildRunner.Queue;

/// <summary>What is to become of a message that was handled.</summary>
internal enum OutcomeKind
{
    /// <summary>The message is finished.</summary>
    Done = 1,

    /// <summary>It is not time yet: the message comes again after a delay, and its partition waits for it.</summary>
    Postpone,

    /// <summary>It failed and may work another time: the message comes again after a pause, and its partition goes on without it.</summary>
    Retry,

    /// <summary>It failed and will not work: the message becomes a dead letter.</summary>
    Reject,
}
