namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents a lease that has ended before its message was settled, as when the process of its holder died.
/// </summary>
/// <param name="Message">The message.</param>
/// <param name="IsDeadLettered">Whether that made it a dead letter.</param>
internal sealed record ExpiredLease(MessageKey Message, bool IsDeadLettered);
