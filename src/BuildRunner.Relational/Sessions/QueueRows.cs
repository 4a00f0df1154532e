using System.Text.Json;

namespace BuildRunner.Relational;

/// <summary>Reads the rows of a queue from an ADO.NET reader.</summary>
internal static class QueueRows
{
    // The columns, in the order in which they are read.
    public const string Partition = "partition_key, ready_at, current_seq, lease_token, quarantined, postponed_to, postpones";
    public const string State =
        "m.seq, m.partition_key, m.id, m.visible_after, m.wake_at, m.backing_off, m.failures, m.deliveries, m.quarantined, m.unsettled, "
        + "m.published_at";
    public const string Content =
        State + ", m.payload, m.headers, m.failure_reason, m.failure_type, m.failure_attempts, m.failure_topic";

    public const int ContentColumn = 11;

    // The last millisecond of the year 9999.
    private const long LastTime = 253_402_300_799_999;

    public static PartitionRow ReadPartition(DbDataReader reader) => new(reader.GetString(0))
    {
        ReadyAt = reader.GetInt64(1),
        CurrentSequence = ReadOptionalInt64(reader, 2),
        LeaseToken = ReadOptionalInt64(reader, 3),
        IsQuarantined = reader.GetBoolean(4),
        PostponedTo = ReadOptionalInt64(reader, 5),
        Postpones = reader.GetInt32(6),
    };

    public static MessageRow ReadMessage(DbDataReader reader, bool hasContent) =>
        new(reader.GetInt64(0), reader.GetString(1), reader.GetString(2))
        {
            VisibleAfter = reader.GetInt64(3),
            WakeAt = ReadOptionalInt64(reader, 4),
            IsBackingOff = reader.GetBoolean(5),
            Failures = reader.GetInt32(6),
            Deliveries = reader.GetInt32(7),
            IsQuarantined = reader.GetBoolean(8),
            IsUnsettled = reader.GetBoolean(9),
            PublishedAt = PublishedAt(reader.GetInt64(10)),
            Content = hasContent ? ReadContent(reader) : null,
        };

    public static NextDue ReadNextDue(DbDataReader reader) => NextDue(ReadOptionalInt64(reader, 0), ReadOptionalInt64(reader, 1));

    /// <summary>Gets the next due times. What another program made due after the end of time is never due.</summary>
    public static NextDue NextDue(long? ordinary, long? quarantined) =>
        new(ordinary > LastTime ? null : ordinary, quarantined > LastTime ? null : quarantined);

    /// <summary>Gets the time of a publish, or 0 if another program wrote what is no time, such as microseconds.</summary>
    public static long PublishedAt(long milliseconds) => milliseconds is >= 0 and <= LastTime ? milliseconds : 0;

    public static long? ReadOptionalInt64(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    /// <summary>Creates the content from a row, without a message if the row is not valid.</summary>
    public static MessageContent ContentOf(string partitionKey, string id, byte[] payload, string? headers, DeadLetterCause? cause)
    {
        try
        {
            return new(new Message { PartitionKey = partitionKey, Id = id, Payload = payload, Headers = HeadersJson.Read(headers) }, cause);
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException or InvalidOperationException)
        {
            return new(null, cause);
        }
    }

    private static MessageContent ReadContent(DbDataReader reader) => ContentOf(
        reader.GetString(1),
        reader.GetString(2),
        reader.GetFieldValue<byte[]>(ContentColumn) is { Length: > 0 } payload ? payload : [],
        reader.IsDBNull(ContentColumn + 1) ? null : reader.GetString(ContentColumn + 1),
        reader.IsDBNull(ContentColumn + 2)
            ? null
            : new DeadLetterCause
            {
                Failure = new(reader.GetString(ContentColumn + 2), reader.GetString(ContentColumn + 3)),
                Attempts = reader.GetInt32(ContentColumn + 4),
                Topic = reader.GetString(ContentColumn + 5),
            });
}
