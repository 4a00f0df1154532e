using System.Collections.ObjectModel;
using BuildRunner.Queue;
using BuildRunner.Relational;
using Microsoft.Data.Sqlite;

namespace BuildRunner.Sqlite.Sessions;

/// <summary>The statements in a transaction that has the write lock of the file, so that everything in it is locked. All methods complete before they return.</summary>
internal sealed class SqliteSession(SqliteStatements statements) : QueueSession
{
    // Sequences begin at 1.
    private const long NoSequence = -1;

    /// <summary>Gets who is to be woken when the transaction is committed.</summary>
    public List<QueueWake> Wakes { get; } = [];

    public override Task<ExchangeLocks> LockForExchangeAsync(string topic, IReadOnlyList<string> keys, int limit, int suspectLimit, CancellationToken cancellationToken)
    {
        var clock = ReadClock();
        return Task.FromResult(new ExchangeLocks
        {
            Named = Partitions(topic, keys, creates: false),
            Busy = ReadOnlyDictionary<string, long?>.Empty,
            Ready = Ready(topic, isSuspect: false, clock.Floor, limit),
            ReadySuspects = Ready(topic, isSuspect: true, clock.Floor, suspectLimit),
            Clock = clock,
        });
    }

    public override Task<PublishLocks> LockForPublishAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        var partitions = Partitions(topic, [.. keys.Select(static key => key.PartitionKey).Distinct(StringComparer.Ordinal)], creates: true);
        return Task.FromResult(new PublishLocks(partitions, ByKey(topic, keys), ReadClock()));
    }

    public override Task<IReadOnlyList<PartitionRow>> LockAsync(string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PartitionRow>>(Partitions(topic, keys, creates));

    public override Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        List<MessageRow> bySequence = new(query.Sequences.Count + query.SequencesWithContent.Count);
        foreach (var sequence in query.Sequences)
        {
            Add(bySequence, statements.BySequence.Query(sequence), hasContent: false);
        }

        foreach (var sequence in query.SequencesWithContent)
        {
            Add(bySequence, statements.BySequenceWithContent.Query(sequence), hasContent: true);
        }

        List<MessageRow> firsts = new(query.Firsts.Count + query.FirstsWithContent.Count);
        foreach (var (key, without) in query.Firsts)
        {
            Add(firsts, statements.First.Query(query.Topic, key, without ?? NoSequence), hasContent: false);
        }

        foreach (var key in query.FirstsWithContent)
        {
            Add(firsts, statements.FirstWithContent.Query(query.Topic, key), hasContent: true);
        }

        return Task.FromResult(new MessageResult { BySequence = bySequence, Firsts = firsts, ByKey = ByKey(query.Topic, query.Keys) });
    }

    public override Task<IReadOnlyList<MessageRow>> ListAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        List<MessageRow> rows = [];
        Add(rows, statements.List.Query(topic, after?.PartitionKey ?? "", after?.Id ?? "", limit), hasContent: true);
        return Task.FromResult<IReadOnlyList<MessageRow>>(rows);
    }

    public override Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        WriteMessages(changes);
        foreach (var (partitionTopic, partition) in changes.Partitions)
        {
            statements.WritePartition.Execute(partitionTopic, partition.Key, partition.ReadyAt, partition.HeldSequence, partition.LeaseToken, partition.IsSuspect);
        }

        foreach (var (partitionTopic, key) in changes.EmptyPartitions)
        {
            statements.DeletePartition.Execute(partitionTopic, key);
        }

        Wakes.AddRange(changes.Wakes);
        return Task.FromResult(topic is null ? default : ReadNextDue(topic));
    }

    private void WriteMessages(QueueChanges changes)
    {
        foreach (var sequence in changes.Replaced)
        {
            statements.Delete.Execute(sequence);
        }

        foreach (var copy in changes.Copies)
        {
            statements.Copy.Execute(
                copy.Sequence, copy.Topic, copy.VisibleAfter, copy.PublishedAt, copy.Cause?.Failure.Reason, copy.Cause?.Failure.Type, copy.Cause?.Attempts, copy.Cause?.Topic);
        }

        foreach (var row in changes.Updates)
        {
            statements.Update.Execute(
                row.Sequence, row.VisibleAfter, row.WakeAt, row.IsBackingOff, row.Failures, row.Deliveries, row.IsSuspect, row.IsUnsettled, row.PublishedAt);
        }

        foreach (var sequence in changes.Deletes)
        {
            statements.Delete.Execute(sequence);
        }

        foreach (var insert in changes.Inserts)
        {
            var message = insert.Message;
            statements.Insert.Execute(
                insert.Topic, message.PartitionKey, message.Id, message.Payload.ToArray(), HeadersJson.Write(message.Headers), insert.VisibleAfter, insert.PublishedAt);
        }
    }

    private QueueClock ReadClock()
    {
        using var reader = statements.Clock.Query();
        reader.Read();
        return new QueueClock(reader.GetInt64(0));
    }

    private NextDue ReadNextDue(string topic)
    {
        using var reader = statements.NextDue.Query(topic);
        reader.Read();
        return new NextDue(reader.IsDBNull(0) ? null : reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetInt64(1));
    }

    private List<PartitionRow> Partitions(string topic, IReadOnlyList<string> keys, bool creates)
    {
        List<PartitionRow> rows = new(keys.Count);
        foreach (var key in keys)
        {
            using var reader = statements.Partition.Query(topic, key);
            if (reader.Read())
            {
                rows.Add(SqliteRows.Partition(reader));
            }
            else if (creates)
            {
                // It need not be stored to be locked, and is when it is written.
                rows.Add(new PartitionRow(key));
            }
        }

        return rows;
    }

    private List<PartitionRow> Ready(string topic, bool isSuspect, long now, int limit)
    {
        List<PartitionRow> rows = [];
        if (limit > 0)
        {
            using var reader = statements.Ready.Query(topic, isSuspect, now, limit);
            while (reader.Read())
            {
                rows.Add(SqliteRows.Partition(reader));
            }
        }

        return rows;
    }

    private List<MessageRow> ByKey(string topic, IReadOnlyList<MessageKey> keys)
    {
        List<MessageRow> rows = [];
        foreach (var key in keys)
        {
            Add(rows, statements.ByKey.Query(topic, key.PartitionKey, key.Id), hasContent: false);
        }

        return rows;
    }

    private static void Add(List<MessageRow> rows, SqliteDataReader reader, bool hasContent)
    {
        using (reader)
        {
            while (reader.Read())
            {
                rows.Add(SqliteRows.Message(reader, hasContent));
            }
        }
    }
}
