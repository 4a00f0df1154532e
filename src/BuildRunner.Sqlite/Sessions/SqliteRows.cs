namespace BuildRunner.Sqlite.Sessions;

/// <summary>Reads the rows of the statements in <see cref="SqliteText"/>.</summary>
internal static class SqliteRows
{
    public static PartitionRow Partition(SqliteStatement row) => new(row.Text(0))
    {
        ReadyAt = row.Int64(1),
        CurrentSequence = row.OptionalInt64(2),
        LeaseToken = row.OptionalInt64(3),
        IsQuarantined = row.Boolean(4),
        PostponedTo = row.OptionalInt64(5),
        Postpones = row.Int32(6),
    };

    public static MessageRow Message(SqliteStatement row, bool hasContent) => new(row.Int64(0), row.Text(1), row.Text(2))
    {
        VisibleAfter = row.Int64(3),
        StoredVisibleAfter = row.Int64(3),
        WakeAt = row.OptionalInt64(4),
        IsBackingOff = row.Boolean(5),
        Failures = row.Int32(6),
        Deliveries = row.Int32(7),
        IsQuarantined = row.Boolean(8),
        IsUnsettled = row.Boolean(9),
        PublishedAt = QueueRows.PublishedAt(row.Int64(10)),
        Content = hasContent ? Content(row) : null,
    };

    private static MessageContent Content(SqliteStatement row) => QueueRows.ContentOf(
        row.Text(1),
        row.Text(2),
        row.Bytes(QueueRows.ContentColumn),
        row.OptionalText(QueueRows.ContentColumn + 1),
        row.IsNull(QueueRows.ContentColumn + 2)
            ? null
            : new DeadLetterCause
            {
                Failure = new(row.Text(QueueRows.ContentColumn + 2), row.Text(QueueRows.ContentColumn + 3)),
                Attempts = row.Int32(QueueRows.ContentColumn + 4),
                Topic = row.Text(QueueRows.ContentColumn + 5),
            });
}
