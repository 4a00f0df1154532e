namespace BuildRunner.Queue.Host;

/// <summary>The decision of a handler about a message.</summary>
internal enum Verdict
{
    Done,
    Postpone,
    Retry,
    Throw,
    Reject,

    /// <summary>Publishes another message, and is done.</summary>
    Succeed,

    /// <summary>Publishes the message again while it is handled, and is done.</summary>
    Repeat,
}
