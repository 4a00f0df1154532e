using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>
/// Represents a row of <c>queue_messages</c> to insert.
/// </summary>
/// <param name="Topic">The topic.</param>
/// <param name="Message">The message.</param>
/// <param name="VisibleAfter">From when it is visible.</param>
/// <param name="PublishedAt">When it was published.</param>
internal sealed record MessageInsert(string Topic, Message Message, long VisibleAfter, long PublishedAt);
