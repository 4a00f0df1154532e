namespace BuildRunner.Queue.Engines;

/// <summary>
/// Specifies what an engine does with a message whose lease is given back.
/// </summary>
internal enum ResolutionKind
{
    /// <summary>
    /// Deletes the message. If it was published again meanwhile, a fresh message stays, visible at the earliest time that was asked for.
    /// </summary>
    Done,

    /// <summary>
    /// Keeps the message where it is, invisible for the delay or until the earliest time that was asked for meanwhile. It holds its partition and has no failures any more.
    /// </summary>
    Postpone,

    /// <summary>
    /// Counts a failure and keeps the message invisible for the delay. It does not hold its partition.
    /// </summary>
    Retry,

    /// <summary>
    /// Moves the message to the dead-letter topic, in place of one of the same identity. If it was published again meanwhile, a fresh message stays, visible at the earliest time that was asked for. In a dead-letter topic, does what <see cref="Retry"/> does, with the longest delay of the policy.
    /// </summary>
    DeadLetter,

    /// <summary>
    /// Gives the lease back and changes nothing else: the message is what its partition offers next.
    /// </summary>
    HandBack,
}
