using System.Collections.ObjectModel;
using BuildRunner.Queue;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;

namespace BuildRunner.Sqlite.Sessions;

/// <summary>Runs statements in a transaction with the file's write lock, so all rows are locked. All methods are synchronous.</summary>
internal sealed class SqliteSession(SqliteStatements statements, bool ownsStatements) : QueueSession
{
    // Sequences begin at 1.
    private const long NoSequence = -1;

    public override Task<RoundLocks> LockForRoundAsync(
        string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken)
    {
        var clock = ReadClock();
        return Task.FromResult(new RoundLocks
        {
            Named = Partitions(topic, keys, creates: false),
            Busy = ReadOnlyDictionary<string, long?>.Empty,
            Ready = Ready(topic, isQuarantined: false, clock.Floor, limit),
            ReadyQuarantined = Ready(topic, isQuarantined: true, clock.Floor, quarantinedLimit),
            Clock = clock,
        });
    }

    public override Task<PublishLocks> LockForPublishAsync(
        IReadOnlyList<StoreWrite> writes, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken)
    {
        int[] written = [.. writes.Select(Execute)];
        var locks = topics.Select(topic => new TopicLocks(
            Partitions(topic.Topic, [.. topic.PartitionKeys], creates: true), ByKey(topic.Topic, topic.Keys))).ToArray();
        return Task.FromResult(new PublishLocks(written, locks, ReadClock()));
    }

    public override Task<IReadOnlyList<PartitionRow>> LockAsync(
        string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PartitionRow>>(Partitions(topic, keys, creates));

    public override Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        List<MessageRow> bySequence = new(query.Sequences.Count + query.SequencesWithContent.Count);
        foreach (var sequence in query.Sequences)
        {
            Add(bySequence, statements.BySequence.Bind(sequence), hasContent: false);
        }

        foreach (var sequence in query.SequencesWithContent)
        {
            Add(bySequence, statements.BySequenceWithContent.Bind(sequence), hasContent: true);
        }

        List<MessageRow> firsts = new(query.Firsts.Count + query.FirstsWithContent.Count);
        foreach (var (key, without) in query.Firsts)
        {
            Add(firsts, statements.First.Bind(query.Topic).Bind(key).Bind(without ?? NoSequence), hasContent: false);
        }

        foreach (var key in query.FirstsWithContent)
        {
            Add(firsts, statements.FirstWithContent.Bind(query.Topic).Bind(key), hasContent: true);
        }

        return Task.FromResult(new MessageResult { BySequence = bySequence, Firsts = firsts, ByKey = ByKey(query.Topic, query.Keys) });
    }

    public override Task<IReadOnlyList<MessageRow>> ListAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        List<MessageRow> rows = [];
        Add(rows, statements.List.Bind(topic).Bind(after?.PartitionKey ?? "").Bind(after?.Id ?? "").Bind(limit), hasContent: false);
        return Task.FromResult<IReadOnlyList<MessageRow>>(rows);
    }

    public override Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        WriteMessages(changes);
        foreach (var (partitionTopic, partition) in changes.Partitions)
        {
            WritePartition(statements.UpdatePartition, partitionTopic, partition);
            if (statements.Changes == 0)
            {
                WritePartition(statements.InsertPartition, partitionTopic, partition);
            }
        }

        foreach (var (partitionTopic, key) in changes.EmptyPartitions)
        {
            statements.DeletePartition.Bind(partitionTopic).Bind(key).Execute();
        }

        Wakes.AddRange(changes.Wakes);
        return Task.FromResult(topic is null ? default : ReadNextDue(topic));
    }

    public override Task<int> ExecuteAsync(StoreWrite write, bool isLast, CancellationToken cancellationToken) =>
        Task.FromResult(Execute(write));

    public override ValueTask DisposeAsync()
    {
        if (ownsStatements)
        {
            statements.Dispose();
        }

        return base.DisposeAsync();
    }

    private int Execute(StoreWrite write)
    {
        var statement = (SqlStatement)write;
        var row = statements.Get(statement.Text);
        foreach (var value in statement.Values)
        {
            _ = value is long number ? row.Bind(number) : row.Bind((string?)value);
        }

        row.Execute();
        return statements.Changes;
    }

    private static void WritePartition(SqliteStatement statement, string topic, PartitionRow row) =>
        statement.Bind(topic).Bind(row.Key).Bind(row.ReadyAt).Bind(row.CurrentSequence).Bind(row.LeaseToken)
            .Bind(row.IsQuarantined).Bind(row.PostponedTo).Bind(row.Postpones).Execute();

    private void WriteMessages(QueueChanges changes)
    {
        foreach (var sequence in changes.Replaced)
        {
            statements.Delete.Bind(sequence).Execute();
        }

        foreach (var copy in changes.Copies)
        {
            statements.Copy.Bind(copy.Sequence).Bind(copy.Topic).Bind(copy.VisibleAfter).Bind(copy.PublishedAt)
                .Bind(copy.Cause?.Failure.Reason).Bind(copy.Cause?.Failure.Type).Bind(copy.Cause?.Attempts)
                .Bind(copy.Cause?.Topic).Execute();
        }

        foreach (var row in changes.Updates)
        {
            statements.Update.Bind(row.Sequence).Bind(row.WakeAt).Bind(row.IsBackingOff).Bind(row.Failures).Bind(row.Deliveries)
                .Bind(row.IsQuarantined).Bind(row.IsUnsettled).Bind(row.PublishedAt).Execute();
            if (row.VisibleAfter != row.StoredVisibleAfter)
            {
                statements.Move.Bind(row.Sequence).Bind(row.VisibleAfter).Execute();
            }
        }

        foreach (var sequence in changes.Deletes)
        {
            statements.Delete.Bind(sequence).Execute();
        }

        foreach (var insert in changes.Inserts)
        {
            var message = insert.Message;
            statements.Insert.Bind(insert.Topic).Bind(message.PartitionKey).Bind(message.Id).Bind(message.Payload.Span)
                .Bind(HeadersJson.Write(message.Headers)).Bind(insert.VisibleAfter).Bind(insert.PublishedAt).Execute();
        }
    }

    private QueueClock ReadClock()
    {
        var row = statements.Clock;
        row.Step();
        QueueClock clock = new(row.Int64(0));
        row.Reset();
        return clock;
    }

    private NextDue ReadNextDue(string topic)
    {
        var row = statements.NextDue.Bind(topic);
        row.Step();
        NextDue next = new(row.OptionalInt64(0), row.OptionalInt64(1));
        row.Reset();
        return next;
    }

    private List<PartitionRow> Partitions(string topic, IReadOnlyList<string> keys, bool creates)
    {
        List<PartitionRow> rows = new(keys.Count);
        foreach (var key in keys)
        {
            var row = statements.Partition.Bind(topic).Bind(key);
            if (row.Step())
            {
                rows.Add(SqliteRows.Partition(row));
                row.Reset();
            }
            else if (creates)
            {
                // It is stored when it is written; locking does not need it.
                rows.Add(new PartitionRow(key));
            }
        }

        return rows;
    }

    private List<PartitionRow> Ready(string topic, bool isQuarantined, long now, int limit)
    {
        List<PartitionRow> rows = [];
        if (limit > 0)
        {
            var row = statements.Ready.Bind(topic).Bind(isQuarantined).Bind(now).Bind(limit);
            while (row.Step())
            {
                rows.Add(SqliteRows.Partition(row));
            }
        }

        return rows;
    }

    private List<MessageRow> ByKey(string topic, IReadOnlyList<MessageKey> keys)
    {
        List<MessageRow> rows = [];
        foreach (var key in keys)
        {
            Add(rows, statements.ByKey.Bind(topic).Bind(key.PartitionKey).Bind(key.Id), hasContent: false);
        }

        return rows;
    }

    private static void Add(List<MessageRow> rows, SqliteStatement row, bool hasContent)
    {
        while (row.Step())
        {
            rows.Add(SqliteRows.Message(row, hasContent));
        }
    }
}
