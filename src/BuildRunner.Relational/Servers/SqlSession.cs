namespace BuildRunner.Relational;

/// <summary>Runs batches in a transaction, mostly one for each method. If it is not a caller's, the first begins it and the last commits
/// it.</summary>
internal sealed class SqlSession(Func<SqlBatch> create, ReadyBounds bounds, UsedTopics? used, bool isJoined) : QueueSession
{
    private ReadyLook? _look;
    private long _nextFrom = long.MinValue;
    private QueueClock _clock;
    private bool _hasBegun;
    private bool _isOver;

    /// <summary>Gets a value indicating whether the transaction has begun and neither was committed nor rolled back.</summary>
    public bool IsOpen => _hasBegun && !_isOver;

    public override async Task<RoundLocks> LockForRoundAsync(
        string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken)
    {
        List<PartitionRow> named = [];
        List<PartitionRow> ready = [];
        List<PartitionRow> quarantined = [];
        var look = bounds.Begin(topic, limit > 0);
        var batch = Begin();
        batch.AddLock(topic, keys, waits: false, named);
        if (limit > 0)
        {
            batch.AddLockReady(topic, isQuarantined: false, look.From, limit, ready);
        }

        if (quarantinedLimit > 0)
        {
            batch.AddLockReady(topic, isQuarantined: true, long.MinValue, quarantinedLimit, quarantined);
        }

        batch.AddClock(clock => _clock = clock);
        await RunAsync(batch, isLast: false, cancellationToken).ConfigureAwait(false);
        _look = bounds.End(look);
        _nextFrom = _look.NextFrom(_clock, ready);
        var busy = await PeekAsync(topic, Missing(keys, named), named, cancellationToken).ConfigureAwait(false);
        return new() { Named = named, Busy = busy, Ready = ready, ReadyQuarantined = quarantined, Clock = _clock };
    }

    // A transaction of several callers does not wait long for a lock, so that none of them waits for the row of another: they are tried
    // alone then.
    public override async Task<PublishLocks> LockForPublishAsync(
        IReadOnlyList<StoreWrite> writes, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken)
    {
        List<int> written = [];
        QueueClock now = default;
        var partitions = topics.Select(static _ => new List<PartitionRow>()).ToArray();
        var messages = topics.Select(static _ => new List<MessageRow>()).ToArray();

        // New partitions have no messages, so looking for each is in vain.
        var looksLater = isJoined || topics.Any(static topic => topic.AreNew);
        IsShared |= writes.Count > 1;
        var batch = Begin(IsShared);
        foreach (var statement in writes.Cast<SqlStatement>())
        {
            batch.AddWrite(statement, written.Add);
        }

        for (var i = 0; i < topics.Count; i++)
        {
            batch.AddLockOrCreate(topics[i].Topic, topics[i].PartitionKeys, partitions[i]);
            if (!looksLater)
            {
                batch.AddByKey(topics[i].Topic, topics[i].Keys, messages[i]);
            }
        }

        batch.AddClock(clock => now = clock);
        await RunAsync(batch, isLast: false, cancellationToken).ConfigureAwait(false);
        if (looksLater)
        {
            await RunAsync(Old(topics, partitions, messages), isLast: false, cancellationToken).ConfigureAwait(false);
        }

        TopicLocks[] locks = [.. partitions.Zip(messages, static (locked, found) => new TopicLocks(locked, found))];
        used?.Learn(topics, locks);
        return new(written, locks, now);
    }

    public override bool ExpectsNew(IReadOnlyList<TopicKeys> topics) =>
        used is not null && !_hasBegun && !used.ContainsAny(topics);

    public override async Task<bool> TryWriteNewAsync(QueueChanges changes, CancellationToken cancellationToken)
    {
        var isDone = false;
        var batch = Begin(IsShared);
        batch.AddNew(changes, done => isDone = done);
        try
        {
            await RunAsync(batch, isLast: true, cancellationToken).ConfigureAwait(false);
        }
        catch (DbException exception) when (batch.IsConflict(exception))
        {
            var undo = create();
            undo.AddRollback();
            await undo.RunAsync(cancellationToken).ConfigureAwait(false);
            isDone = false;
        }

        // Otherwise, the transaction was empty or is undone.
        _hasBegun = _isOver = isDone;
        Wakes.AddRange(isDone ? changes.Wakes : []);
        return isDone;
    }

    public override async Task<IReadOnlyList<PartitionRow>> LockAsync(
        string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken)
    {
        List<PartitionRow> locked = [];
        var batch = Begin();
        if (creates && waits)
        {
            batch.AddLockOrCreate(topic, keys, locked);
        }
        else
        {
            batch.AddLock(topic, keys, waits, locked);
        }

        await RunAsync(batch, isLast: false, cancellationToken).ConfigureAwait(false);
        if (creates && !waits)
        {
            // What exists and was left out is locked; the rest is created.
            var missing = Missing(keys, locked);
            var busy = await PeekAsync(topic, missing, locked, cancellationToken).ConfigureAwait(false);
            string[] made = [.. missing.Where(key => !busy.ContainsKey(key))];
            if (made.Length > 0)
            {
                locked.AddRange(await TryCreateAsync(topic, made, cancellationToken).ConfigureAwait(false));
            }
        }

        return locked;
    }

    public override async Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        List<MessageRow> bySequence = [];
        List<MessageRow> firsts = [];
        List<MessageRow> byKey = [];
        var batch = Begin();
        batch.AddBySequence(query.Sequences, hasContent: false, bySequence);
        batch.AddBySequence(query.SequencesWithContent, hasContent: true, bySequence);
        batch.AddFirst(query.Topic, query.Firsts, hasContent: false, firsts);
        FirstMessage[] firstsWithContent = [.. query.FirstsWithContent.Select(static key => new FirstMessage(key, null))];
        batch.AddFirst(query.Topic, firstsWithContent, hasContent: true, firsts);
        batch.AddByKey(query.Topic, query.Keys, byKey);
        await RunAsync(batch, isLast: false, cancellationToken).ConfigureAwait(false);
        return new() { BySequence = bySequence, Firsts = firsts, ByKey = byKey };
    }

    public override async Task<IReadOnlyList<MessageRow>> ListAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        List<MessageRow> rows = [];
        var batch = Begin();
        batch.AddClock(static _ => { });
        batch.AddList(topic, limit, after, rows);
        await RunAsync(batch, isLast: false, cancellationToken).ConfigureAwait(false);
        return rows;
    }

    public override async Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        NextDue next = default;
        var batch = Begin();
        batch.AddChanges(changes);
        if (topic is not null)
        {
            batch.AddNextDue(topic, _nextFrom, due => next = due);
        }

        await RunAsync(batch, isLast, cancellationToken).ConfigureAwait(false);
        if (topic is not null && isLast && _look is { } look)
        {
            next = bounds.Commit(look, changes, next, _clock);
        }

        Wakes.AddRange(changes.Wakes);
        return next;
    }

    public override async Task<int> ExecuteAsync(StoreWrite write, bool isLast, CancellationToken cancellationToken)
    {
        var written = 0;
        var batch = Begin();
        batch.AddWrite((SqlStatement)write, rows => written = rows);
        await RunAsync(batch, isLast, cancellationToken).ConfigureAwait(false);
        return written;
    }

    /// <summary>Commits unless the last statements did.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (IsOpen)
        {
            await RunAsync(create(), isLast: true, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string[] Missing(IReadOnlyList<string> keys, List<PartitionRow> rows)
    {
        var there = rows.Select(static row => row.Key).ToHashSet(StringComparer.Ordinal);
        return [.. keys.Where(key => !there.Contains(key))];
    }

    private SqlBatch Begin(bool isShared = false)
    {
        var batch = create();
        if (!isJoined && !_hasBegun)
        {
            batch.AddBegin();
        }

        if (isShared)
        {
            batch.AddShortWait();
        }

        return batch;
    }

    private async Task RunAsync(SqlBatch batch, bool isLast, CancellationToken cancellationToken)
    {
        var commits = isLast && !isJoined;
        if (commits)
        {
            batch.AddCommit();
        }

        if (!batch.IsEmpty)
        {
            _hasBegun = true;
            try
            {
                await batch.RunAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (DbException exception) when (IsShared && (batch.IsLockTimeout(exception) || SqlBatch.IsUndone(exception)))
            {
                throw new RowLockedException(exception);
            }

            _isOver |= commits;
        }
    }

    /// <summary>Creates partitions and locks them, or returns none if another open transaction is creating one of them.</summary>
    private async Task<List<PartitionRow>> TryCreateAsync(string topic, string[] keys, CancellationToken cancellationToken)
    {
        List<PartitionRow> rows = [];
        var batch = create();
        batch.AddTryCreate(topic, keys, rows);
        try
        {
            await RunAsync(batch, isLast: false, cancellationToken).ConfigureAwait(false);
            return rows;
        }
        catch (DbException exception) when (batch.IsLockTimeout(exception))
        {
            var undo = create();
            undo.AddUndoCreate();
            await RunAsync(undo, isLast: false, cancellationToken).ConfigureAwait(false);
            return [];
        }
    }

    private async Task<Dictionary<string, long?>> PeekAsync(
        string topic, string[] keys, List<PartitionRow> locked, CancellationToken cancellationToken)
    {
        Dictionary<string, long?> leases = new(StringComparer.Ordinal);
        if (keys.Length > 0)
        {
            var batch = create();
            batch.AddPeek(topic, keys, locked, leases);
            batch.AddClock(clock => _clock = clock);
            await RunAsync(batch, isLast: false, cancellationToken).ConfigureAwait(false);
        }

        return leases;
    }

    /// <summary>Reads messages of partitions that were there. One that was just created is empty. In a caller's transaction a look-up that
    /// finds nothing would lock a gap, and with it others; and its REPEATABLE READ still sees messages that have been settled since, and
    /// their partition.</summary>
    private SqlBatch Old(IReadOnlyList<TopicKeys> topics, List<PartitionRow>[] partitions, List<MessageRow>[] messages)
    {
        var batch = create();
        for (var i = 0; i < topics.Count; i++)
        {
            var rows = partitions[i].Where(static row => row.ReadyAt != PartitionRow.NeverReady);
            var old = rows.Select(static row => row.Key).ToHashSet(StringComparer.Ordinal);
            batch.AddByKey(topics[i].Topic, [.. topics[i].Keys.Where(key => old.Contains(key.PartitionKey))], messages[i]);
        }

        return batch;
    }
}
