using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>
/// Represents a row of <c>queue_messages</c> to insert with the partition key, the id, the payload and the headers of another row, as it is before it is changed or deleted.
/// </summary>
/// <param name="Sequence">The other row.</param>
/// <param name="Topic">The topic of the new row.</param>
/// <param name="VisibleAfter">From when it is visible.</param>
/// <param name="PublishedAt">When it was published.</param>
/// <param name="Cause">Why it is a dead letter, or <see langword="null"/> if it is none.</param>
internal sealed record MessageCopy(long Sequence, string Topic, long VisibleAfter, long PublishedAt, DeadLetterCause? Cause);
