using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using Npgsql;
using static BuildRunner.PostgreSql.Sessions.PostgreSqlParameter;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Adds the statements that write, one for all rows of a kind.</summary>
internal static class PostgreSqlWrites
{
    /// <summary>Adds the statements.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="locked">The places of locked partitions, or <see langword="null"/> to find them by key.</param>
    public static void Add(PostgreSqlBatch batch, QueueChanges changes, PostgreSqlLocked? locked)
    {
        AddDeletes(batch, changes.Replaced);
        AddCopies(batch, changes.Copies);
        AddUpdates(batch, changes.Updates);
        AddDeletes(batch, changes.Deletes);
        AddInserts(batch, changes.Inserts);
        if (locked is null)
        {
            var topics = changes.Partitions.GroupBy(static item => item.Topic, static item => item.Partition, StringComparer.Ordinal);
            foreach (var topic in topics)
            {
                batch.Add(PostgreSqlText.UpsertPartitions, [Of(topic.Key), Texts(topic, static row => row.Key), .. Columns([.. topic])]);
            }
        }
        else if (changes.Partitions.Count > 0)
        {
            PartitionRow[] rows = [.. changes.Partitions.Select(static item => item.Partition)];
            var places = Texts(rows, row => locked.PlaceOf(row).ToString());
            batch.Read(PostgreSqlText.UpdatePartitions, locked.Moved, [places, .. Columns(rows)]);
        }

        foreach (var topic in changes.EmptyPartitions.GroupBy(static item => item.Topic, static item => item.Key, StringComparer.Ordinal))
        {
            batch.Add(PostgreSqlText.DeletePartitions, Of(topic.Key), Texts(topic));
        }
    }

    private static NpgsqlParameter[] Columns(PartitionRow[] rows) =>
    [
        Longs(rows, static row => row.ReadyAt),
        OptionalLongs(rows, static row => row.CurrentSequence),
        OptionalLongs(rows, static row => row.LeaseToken),
        Booleans(rows, static row => row.IsQuarantined),
        OptionalLongs(rows, static row => row.PostponedTo),
        Integers(rows, static row => row.Postpones),
    ];

    private static void AddDeletes(PostgreSqlBatch batch, List<long> sequences)
    {
        if (sequences.Count > 0)
        {
            batch.Add(PostgreSqlText.Delete, Longs(sequences));
        }
    }

    private static void AddCopies(PostgreSqlBatch batch, List<MessageCopy> rows)
    {
        if (rows.Count > 0)
        {
            batch.Add(
                PostgreSqlText.Copy,
                Longs(rows, static row => row.Sequence),
                Texts(rows, static row => row.Topic),
                Longs(rows, static row => row.VisibleAfter),
                Longs(rows, static row => row.PublishedAt),
                Texts(rows, static row => row.Cause?.Failure.Reason),
                Texts(rows, static row => row.Cause?.Failure.Type),
                OptionalIntegers(rows, static row => row.Cause?.Attempts),
                Texts(rows, static row => row.Cause?.Topic));
        }
    }

    private static void AddUpdates(PostgreSqlBatch batch, List<MessageRow> rows)
    {
        if (rows.Count > 0)
        {
            batch.Read(
                PostgreSqlText.Update,
                static _ => { },
                Longs(rows, static row => row.Sequence),
                Longs(rows, static row => row.VisibleAfter),
                OptionalLongs(rows, static row => row.WakeAt),
                Booleans(rows, static row => row.IsBackingOff),
                Integers(rows, static row => row.Failures),
                Integers(rows, static row => row.Deliveries),
                Booleans(rows, static row => row.IsQuarantined),
                Booleans(rows, static row => row.IsUnsettled),
                Longs(rows, static row => row.PublishedAt));
        }
    }

    private static void AddInserts(PostgreSqlBatch batch, List<MessageInsert> rows)
    {
        if (rows.Count > 0)
        {
            batch.Add(
                PostgreSqlText.Insert,
                Texts(rows, static row => row.Topic),
                Texts(rows, static row => row.Message.PartitionKey),
                Texts(rows, static row => row.Message.Id),
                Bytes(rows, static row => row.Message.Payload.ToArray()),
                Texts(rows, static row => HeadersJson.Write(row.Message.Headers)),
                Longs(rows, static row => row.VisibleAfter),
                Longs(rows, static row => row.PublishedAt));
        }
    }
}
