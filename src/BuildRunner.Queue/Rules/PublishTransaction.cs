using BuildRunner.Queue.Sessions;

namespace BuildRunner.Queue.Rules;

/// <summary>Publishes messages. A duplicate hastens the message that is there and changes nothing else of it.</summary>
internal sealed class PublishTransaction(QueueSession session)
{
    /// <summary>Gets what is to be written.</summary>
    public QueueChanges Changes { get; } = new();

    /// <summary>Gets a value indicating whether partitions are locked, some of them created, of which nothing may be left if nothing is
    /// published.</summary>
    public bool HasLocked { get; private set; }

    /// <summary>Makes the write of a store, and publishes if it has written anything. This is the last that is done in the
    /// session.</summary>
    /// <returns>What becomes of each message, or <see langword="null"/> if the store has written nothing.</returns>
    public async Task<IReadOnlyList<PublishResult>?> RunAsync(
        StoreWrite? write, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            return write is null || await session.ExecuteAsync(write, isLast: true, cancellationToken).ConfigureAwait(false) > 0
                ? []
                : null;
        }

        foreach (var message in messages)
        {
            ArgumentNullException.ThrowIfNull(message, nameof(messages));
        }

        // Of several messages of one identity the first has the content, and the earliest time counts. Topics are in the order in which
        // every transaction locks them.
        var topics = Enumerable.Range(0, messages.Count).GroupBy(i => messages[i].Topic, StringComparer.Ordinal)
            .OrderBy(static topic => topic.Key, Utf8Order.Comparer)
            .Select(topic => (Topic: topic.Key, Merged: topic.GroupBy(i => KeyOf(messages[i].Message)).ToList())).ToList();
        var keys = topics.Select(static topic => new TopicKeys(topic.Topic, [.. topic.Merged.Select(static same => same.Key)])).ToList();
        var locks = await session.LockForPublishAsync(write, keys, cancellationToken).ConfigureAwait(false);
        HasLocked = locks.Topics.Count > 0;
        if (write is not null && locks.Written == 0)
        {
            return null;
        }

        var results = new PublishResult[messages.Count];
        for (var i = 0; i < topics.Count; i++)
        {
            Publish(topics[i].Topic, topics[i].Merged, messages, locks.Topics[i], locks.Clock, results);
        }

        await session.WriteAsync(Changes, topic: null, isLast: true, cancellationToken).ConfigureAwait(false);
        return results;
    }

    /// <summary>Decides what becomes of messages of one topic whose partitions are locked. What is new is put among the inserts by the
    /// caller.</summary>
    /// <returns>Whether the identity is new, for each.</returns>
    public bool[] Decide(string topic, IReadOnlyList<(MessageKey Key, TimeSpan Delay)> messages, TopicLocks locks, QueueClock clock)
    {
        var partitions = locks.Partitions.ToDictionary(static row => row.Key, StringComparer.Ordinal);
        var known = locks.Messages.ToDictionary(static row => row.Key);
        HashSet<PartitionRow> changed = [];
        var isNew = new bool[messages.Count];
        for (var i = 0; i < isNew.Length; i++)
        {
            var (key, delay) = messages[i];
            var visibleAfter = clock.After(delay);
            var partition = partitions[key.PartitionKey];
            isNew[i] = !known.TryGetValue(key, out var row);
            if (isNew[i])
            {
                Show(partition, visibleAfter, isQuarantined: false, changed);
            }
            else
            {
                Hasten(partition, row!, visibleAfter, changed);
            }
        }

        Changes.Partitions.AddRange(changed.Select(partition => (topic, partition)));
        if (messages.Count > 0)
        {
            Changes.Wakes.Add(new QueueWake(topic, messages.Min(static message => message.Delay)));
        }

        return isNew;
    }

    private static MessageKey KeyOf(Message message) => new() { PartitionKey = message.PartitionKey, Id = message.Id };

    private static void Show(PartitionRow partition, long visibleAfter, bool isQuarantined, HashSet<PartitionRow> changed)
    {
        // The current message is not passed by.
        if (partition.CurrentSequence is null && visibleAfter < partition.ReadyAt)
        {
            partition.ReadyAt = visibleAfter;
            partition.IsQuarantined = isQuarantined;
            changed.Add(partition);
        }
    }

    /// <summary>Has the next claim find out which is first, where a message has come to the moment of a quarantined message: it goes before
    /// that if it was published before.</summary>
    private static void LookAgain(PartitionRow partition, MessageRow row, HashSet<PartitionRow> changed)
    {
        if (partition.CurrentSequence is null && partition.IsQuarantined && !row.IsQuarantined && row.VisibleAfter == partition.ReadyAt)
        {
            partition.IsQuarantined = false;
            changed.Add(partition);
        }
    }

    private void Publish(
        string topic,
        List<IGrouping<MessageKey, int>> merged,
        IReadOnlyList<OutgoingMessage> messages,
        TopicLocks locks,
        QueueClock clock,
        PublishResult[] results)
    {
        var isNew = Decide(topic, [.. merged.Select(same => (same.Key, same.Min(i => messages[i].Delay)))], locks, clock);
        for (var m = 0; m < merged.Count; m++)
        {
            var first = merged[m].First();
            foreach (var i in merged[m])
            {
                results[i] = isNew[m] && i == first ? PublishResult.Stored : PublishResult.Duplicate;
            }

            if (isNew[m])
            {
                Changes.Inserts.Add(
                    new MessageInsert(topic, messages[first].Message, clock.After(merged[m].Min(i => messages[i].Delay)), clock.Floor));
            }
        }
    }

    private void Hasten(PartitionRow partition, MessageRow row, long visibleAfter, HashSet<PartitionRow> changed)
    {
        var isCurrent = partition.CurrentSequence == row.Sequence;
        if (isCurrent && partition.LeaseToken is not null)
        {
            if (visibleAfter < (row.WakeAt ?? long.MaxValue))
            {
                row.WakeAt = visibleAfter;
                Changes.Updates.Add(row);
            }
        }
        else if (!row.IsBackingOff && visibleAfter < row.VisibleAfter)
        {
            row.VisibleAfter = visibleAfter;
            Changes.Updates.Add(row);
            if (isCurrent)
            {
                partition.ReadyAt = visibleAfter;
                changed.Add(partition);
            }
            else
            {
                Show(partition, visibleAfter, row.IsQuarantined, changed);
                LookAgain(partition, row, changed);
            }
        }
    }
}
