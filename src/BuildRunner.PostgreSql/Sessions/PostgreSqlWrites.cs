using static BuildRunner.PostgreSql.Sessions.PostgreSqlParameter;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Adds the statements that write, one for all rows of a kind.</summary>
internal static class PostgreSqlWrites
{
    /// <summary>Adds the statements. Partitions are found by the places where they were locked, or by key if there are none.</summary>
    public static void Add(PostgreSqlBatch batch, QueueChanges changes, PostgreSqlLocked? locked)
    {
        Add(batch, PostgreSqlText.Delete, changes.Replaced, static rows => [Array(rows)]);
        Add(batch, PostgreSqlText.Copy, changes.Copies, static rows =>
        [
            Array(rows, static row => row.Sequence),
            Array(rows, static row => row.Topic),
            Array(rows, static row => row.VisibleAfter),
            Array(rows, static row => row.PublishedAt),
            Array(rows, static row => row.Cause?.Failure.Reason),
            Array(rows, static row => row.Cause?.Failure.Type),
            Array(rows, static row => row.Cause?.Attempts),
            Array(rows, static row => row.Cause?.Topic),
        ]);
        AddUpdates(batch, changes.Updates);
        Add(batch, PostgreSqlText.Delete, changes.Deletes, static rows => [Array(rows)]);
        Add(batch, PostgreSqlText.Insert, changes.Inserts, Columns);
        AddPartitions(batch, changes.Partitions, locked);
        foreach (var topic in changes.EmptyPartitions.GroupBy(static item => item.Topic, static item => item.Key, StringComparer.Ordinal))
        {
            batch.Add(PostgreSqlText.DeletePartitions, Of(topic.Key), Array(topic));
        }
    }

    /// <summary>Gets the parameters of a message and its new partition.</summary>
    public static NpgsqlParameter[] ColumnsOf(MessageInsert row, PartitionRow partition) =>
    [
        Of(row.Topic),
        Of(partition.Key),
        Of(row.Message.Id),
        Of(row.Message.Payload.ToArray()),
        Of(HeadersJson.Write(row.Message.Headers)),
        Of(row.VisibleAfter),
        Of(row.PublishedAt),
        Of(partition.ReadyAt),
    ];

    /// <summary>Gets the parameters of messages and their new partitions.</summary>
    public static NpgsqlParameter[] ColumnsOf(QueueChanges changes) =>
    [
        .. Columns(changes.Inserts),
        Array(changes.Partitions, static item => item.Topic),
        Array(changes.Partitions, static item => item.Partition.Key),
        Array(changes.Partitions, static item => item.Partition.ReadyAt),
    ];

    private static void Add<T>(PostgreSqlBatch batch, string statement, List<T> rows, Func<List<T>, NpgsqlParameter[]> parameters)
    {
        if (rows.Count > 0)
        {
            batch.Add(statement, parameters(rows));
        }
    }

    private static void AddUpdates(PostgreSqlBatch batch, List<MessageRow> rows)
    {
        if (rows.Count > 0)
        {
            batch.Read(
                PostgreSqlText.Update,
                static _ => { },
                Array(rows, static row => row.Sequence),
                Array(rows, static row => row.VisibleAfter),
                Array(rows, static row => row.WakeAt),
                Array(rows, static row => row.IsBackingOff),
                Array(rows, static row => row.Failures),
                Array(rows, static row => row.Deliveries),
                Array(rows, static row => row.IsQuarantined),
                Array(rows, static row => row.IsUnsettled),
                Array(rows, static row => row.PublishedAt));
        }
    }

    private static void AddPartitions(
        PostgreSqlBatch batch, List<(string Topic, PartitionRow Partition)> partitions, PostgreSqlLocked? locked)
    {
        if (locked is null)
        {
            foreach (var topic in partitions.GroupBy(static item => item.Topic, static item => item.Partition, StringComparer.Ordinal))
            {
                batch.Add(
                    PostgreSqlText.UpsertPartitions, [Of(topic.Key), Array(topic, static row => row.Key), .. Columns([.. topic])]);
            }
        }
        else if (partitions.Count > 0)
        {
            PartitionRow[] rows = [.. partitions.Select(static item => item.Partition)];
            var places = Array(rows, row => locked.PlaceOf(row).ToString());
            batch.Read(PostgreSqlText.UpdatePartitions, locked.Moved, [places, .. Columns(rows)]);
        }
    }

    private static NpgsqlParameter[] Columns(List<MessageInsert> rows) =>
    [
        Array(rows, static row => row.Topic),
        Array(rows, static row => row.Message.PartitionKey),
        Array(rows, static row => row.Message.Id),
        Array(rows, static row => row.Message.Payload.ToArray()),
        Array(rows, static row => HeadersJson.Write(row.Message.Headers)),
        Array(rows, static row => row.VisibleAfter),
        Array(rows, static row => row.PublishedAt),
    ];

    private static NpgsqlParameter[] Columns(PartitionRow[] rows) =>
    [
        Array(rows, static row => row.ReadyAt),
        Array(rows, static row => row.CurrentSequence),
        Array(rows, static row => row.LeaseToken),
        Array(rows, static row => row.IsQuarantined),
        Array(rows, static row => row.PostponedTo),
        Array(rows, static row => row.Postpones),
    ];
}
