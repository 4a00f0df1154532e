using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>
/// Represents the columns of <c>queue_messages</c> that are never changed.
/// </summary>
/// <param name="Payload">The payload.</param>
/// <param name="Headers">The headers as <see cref="HeadersJson"/> has them, or <see langword="null"/> for none.</param>
/// <param name="Cause">Why the message is a dead letter, or <see langword="null"/> if it is none.</param>
internal sealed record MessageContent(ReadOnlyMemory<byte> Payload, string? Headers, DeadLetterCause? Cause);
