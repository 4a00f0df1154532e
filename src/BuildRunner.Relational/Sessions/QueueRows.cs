using System.Data.Common;
using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>
/// Provides the rows of a queue from those of a database, for those dialects that read them with a reader of ADO.NET.
/// </summary>
internal static class QueueRows
{
    private const int ContentColumn = 11;

    /// <summary>
    /// Reads a row of <c>queue_partitions</c>.
    /// </summary>
    /// <param name="reader">The reader, with the columns <c>partition_key, ready_at, held_seq, lease_token, quarantined, postponed_to, postpones</c>.</param>
    /// <returns>The row.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reader"/> is <see langword="null"/>.</exception>
    public static PartitionRow ReadPartition(DbDataReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new(reader.GetString(0))
        {
            ReadyAt = reader.GetInt64(1),
            HeldSequence = ReadOptionalInt64(reader, 2),
            LeaseToken = ReadOptionalInt64(reader, 3),
            IsQuarantined = reader.GetBoolean(4),
            PostponedTo = ReadOptionalInt64(reader, 5),
            Postpones = reader.GetInt32(6),
        };
    }

    /// <summary>
    /// Reads a row of <c>queue_messages</c> without its content.
    /// </summary>
    /// <param name="reader">The reader, with the columns <c>seq, partition_key, id, visible_after, wake_at, backing_off, failures, deliveries, quarantined, unsettled, published_at</c>.</param>
    /// <returns>The row.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reader"/> is <see langword="null"/>.</exception>
    public static MessageRow ReadState(DbDataReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return ReadMessage(reader, content: null);
    }

    /// <summary>
    /// Reads a row of <c>queue_messages</c> with its content.
    /// </summary>
    /// <param name="reader">The reader, with the columns of <see cref="ReadState"/> and then <c>payload, headers, failure_reason, failure_type, failure_attempts, failure_topic</c>.</param>
    /// <returns>The row.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reader"/> is <see langword="null"/>.</exception>
    public static MessageRow ReadContent(DbDataReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return ReadMessage(reader, new MessageContent(
            reader.GetFieldValue<byte[]>(ContentColumn) is { Length: > 0 } payload ? payload : Array.Empty<byte>(),
            reader.IsDBNull(ContentColumn + 1) ? null : reader.GetString(ContentColumn + 1),
            reader.IsDBNull(ContentColumn + 2)
                ? null
                : new DeadLetterCause(new Failure(reader.GetString(ContentColumn + 2), reader.GetString(ContentColumn + 3)), reader.GetInt32(ContentColumn + 4), reader.GetString(ContentColumn + 5))));
    }

    /// <summary>
    /// Reads a number that may not be there.
    /// </summary>
    /// <param name="reader">The reader.</param>
    /// <param name="column">The column, counted from 0.</param>
    /// <returns>The number, or <see langword="null"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reader"/> is <see langword="null"/>.</exception>
    public static long? ReadOptionalInt64(DbDataReader reader, int column)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.IsDBNull(column) ? null : reader.GetInt64(column);
    }

    private static MessageRow ReadMessage(DbDataReader reader, MessageContent? content) => new(reader.GetInt64(0), reader.GetString(1), reader.GetString(2))
    {
        VisibleAfter = reader.GetInt64(3),
        WakeAt = ReadOptionalInt64(reader, 4),
        IsBackingOff = reader.GetBoolean(5),
        Failures = reader.GetInt32(6),
        Deliveries = reader.GetInt32(7),
        IsQuarantined = reader.GetBoolean(8),
        IsUnsettled = reader.GetBoolean(9),
        PublishedAt = reader.GetInt64(10),
        Content = content,
    };
}
