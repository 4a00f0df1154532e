using System.Collections.ObjectModel;

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
            Add(bySequence, statements.Get(SqliteText.BySequence).Bind(sequence), hasContent: false);
        }

        foreach (var sequence in query.SequencesWithContent)
        {
            Add(bySequence, statements.Get(SqliteText.BySequenceWithContent).Bind(sequence), hasContent: true);
        }

        List<MessageRow> firsts = new(query.Firsts.Count + query.FirstsWithContent.Count);
        foreach (var (key, without) in query.Firsts)
        {
            Add(firsts, statements.Get(SqliteText.First).Bind(query.Topic).Bind(key).Bind(without ?? NoSequence), hasContent: false);
        }

        foreach (var key in query.FirstsWithContent)
        {
            Add(firsts, statements.Get(SqliteText.FirstWithContent).Bind(query.Topic).Bind(key), hasContent: true);
        }

        return Task.FromResult(new MessageResult { BySequence = bySequence, Firsts = firsts, ByKey = ByKey(query.Topic, query.Keys) });
    }

    public override Task<IReadOnlyList<MessageRow>> ListAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        List<MessageRow> rows = [];
        var row = statements.Get(SqliteText.List).Bind(topic).Bind(after?.PartitionKey ?? "").Bind(after?.Id ?? "").Bind(limit);
        Add(rows, row, hasContent: false);
        return Task.FromResult<IReadOnlyList<MessageRow>>(rows);
    }

    public override Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        WriteMessages(changes);
        foreach (var (partitionTopic, partition) in changes.Partitions)
        {
            WritePartition(statements.Get(SqliteText.UpdatePartition), partitionTopic, partition);
            if (statements.Changes == 0)
            {
                WritePartition(statements.Get(SqliteText.InsertPartition), partitionTopic, partition);
            }
        }

        foreach (var (partitionTopic, key) in changes.EmptyPartitions)
        {
            statements.Get(SqliteText.DeletePartition).Bind(partitionTopic).Bind(key).Execute();
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
        changes.Replaced.ForEach(Delete);
        foreach (var copy in changes.Copies)
        {
            statements.Get(SqliteText.Copy).Bind(copy.Sequence).Bind(copy.Topic).Bind(copy.VisibleAfter).Bind(copy.PublishedAt)
                .Bind(copy.Cause?.Failure.Reason).Bind(copy.Cause?.Failure.Type).Bind(copy.Cause?.Attempts)
                .Bind(copy.Cause?.Topic).Execute();
        }

        foreach (var row in changes.Updates)
        {
            statements.Get(SqliteText.Update).Bind(row.Sequence).Bind(row.WakeAt).Bind(row.IsBackingOff).Bind(row.Failures)
                .Bind(row.Deliveries).Bind(row.IsQuarantined).Bind(row.IsUnsettled).Bind(row.PublishedAt).Execute();
            if (row.VisibleAfter != row.StoredVisibleAfter)
            {
                statements.Get(SqliteText.Move).Bind(row.Sequence).Bind(row.VisibleAfter).Execute();
            }
        }

        changes.Deletes.ForEach(Delete);
        foreach (var insert in changes.Inserts)
        {
            var message = insert.Message;
            statements.Get(SqliteText.Insert).Bind(insert.Topic).Bind(message.PartitionKey).Bind(message.Id).Bind(message.Payload.Span)
                .Bind(HeadersJson.Write(message.Headers)).Bind(insert.VisibleAfter).Bind(insert.PublishedAt).Execute();
        }
    }

    private QueueClock ReadClock() => statements.Clock.ReadOne(static row => new QueueClock(row.Int64(0)));

    private NextDue ReadNextDue(string topic) => statements.Get(SqliteText.NextDue).Bind(topic)
        .ReadOne(static row => QueueRows.NextDue(row.OptionalInt64(0), row.OptionalInt64(1)));

    private void Delete(long sequence) => statements.Get(SqliteText.Delete).Bind(sequence).Execute();

    private List<PartitionRow> Partitions(string topic, IReadOnlyList<string> keys, bool creates)
    {
        List<PartitionRow> rows = new(keys.Count);
        foreach (var key in keys)
        {
            var row = statements.Get(SqliteText.Partition).Bind(topic).Bind(key);
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
            var row = statements.Get(SqliteText.Ready).Bind(topic).Bind(isQuarantined).Bind(now).Bind(limit);
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
            Add(rows, statements.Get(SqliteText.ByKey).Bind(topic).Bind(key.PartitionKey).Bind(key.Id), hasContent: false);
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
