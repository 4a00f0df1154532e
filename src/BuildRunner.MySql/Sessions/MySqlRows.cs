using BuildRunner.Queue;
using BuildRunner.Relational;
using MySqlConnector;

namespace BuildRunner.MySql.Sessions;

/// <summary>Rows as the statements of <see cref="MySqlReads"/> give them.</summary>
internal static class MySqlRows
{
    private const int ContentColumn = 11;

    public static PartitionRow Partition(MySqlDataReader reader) => new(reader.GetString(0))
    {
        ReadyAt = reader.GetInt64(1),
        HeldSequence = OptionalInt64(reader, 2),
        LeaseToken = OptionalInt64(reader, 3),
        IsSuspect = reader.GetBoolean(4),
    };

    public static MessageRow State(MySqlDataReader reader) => Message(reader, null);

    public static MessageRow Content(MySqlDataReader reader) => Message(reader, new MessageContent(
        reader.GetFieldValue<byte[]>(ContentColumn) is { Length: > 0 } payload ? payload : Array.Empty<byte>(),
        reader.IsDBNull(ContentColumn + 1) ? null : reader.GetString(ContentColumn + 1),
        reader.IsDBNull(ContentColumn + 2)
            ? null
            : new DeadLetterCause(new Failure(reader.GetString(ContentColumn + 2), reader.GetString(ContentColumn + 3)), reader.GetInt32(ContentColumn + 4), reader.GetString(ContentColumn + 5))));

    public static long? OptionalInt64(MySqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    private static MessageRow Message(MySqlDataReader reader, MessageContent? content) => new(reader.GetInt64(0), reader.GetString(1), reader.GetString(2))
    {
        VisibleAfter = reader.GetInt64(3),
        WakeAt = OptionalInt64(reader, 4),
        IsBackingOff = reader.GetBoolean(5),
        Failures = reader.GetInt32(6),
        Deliveries = reader.GetInt32(7),
        IsSuspect = reader.GetBoolean(8),
        IsUnsettled = reader.GetBoolean(9),
        PublishedAt = reader.GetInt64(10),
        Content = content,
    };
}
