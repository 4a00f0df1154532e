using BuildRunner.Queue.Sessions;

namespace BuildRunner.Queue.Rules;

/// <summary>Publishes messages. A duplicate hastens the message that is there and changes nothing else of it.</summary>
internal sealed class PublishTransaction(QueueSession session)
{
    /// <summary>Gets the changes to write.</summary>
    public QueueChanges Changes { get; } = new();

    /// <summary>Publishes to all topics. This must be the last work in the session.</summary>
    /// <returns>The result for each message.</returns>
    public async Task<IReadOnlyList<PublishResult>> RunAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var (_, results) = await RunAsync([], messages, static (_, _) => true, cancellationToken).ConfigureAwait(false);
        return results;
    }

    /// <summary>Executes the writes of a store and publishes the messages of those that changed a row, as the last work in the
    /// session.</summary>
    /// <returns>For each write, whether it changed a row.</returns>
    public async Task<bool[]> RunAsync(
        IReadOnlyList<(StoreWrite Write, IReadOnlyList<OutgoingMessage> Messages)> saves, CancellationToken cancellationToken)
    {
        if (saves is [(var only, { Count: 0 })])
        {
            return [await session.ExecuteAsync(only, isLast: true, cancellationToken).ConfigureAwait(false) > 0];
        }

        List<(OutgoingMessage Message, int Save)> all =
            [.. saves.SelectMany(static (save, i) => save.Messages.Select(message => (message, i)))];
        var (written, _) = await RunAsync(
            [.. saves.Select(static save => save.Write)],
            [.. all.Select(static item => item.Message)],
            (i, written) => written[all[i].Save] > 0,
            cancellationToken).ConfigureAwait(false);
        return [.. written.Select(static rows => rows > 0)];
    }

    /// <summary>Decides the results for messages of one topic in locked partitions. The caller inserts the new ones.</summary>
    /// <returns>For each message, whether its identity is new.</returns>
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
                // If somebody has deleted the partition by hand, it is new and knows nothing of the message.
                Show(partition, row!.VisibleAfter, row.IsQuarantined, changed);
                Hasten(partition, row, visibleAfter, changed);
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
        // Nothing is offered before the current message.
        if (partition.CurrentSequence is null && visibleAfter < partition.ReadyAt)
        {
            partition.ReadyAt = visibleAfter;
            partition.IsQuarantined = isQuarantined;
            changed.Add(partition);
        }
    }

    /// <summary>If a message becomes due together with a quarantined one, the next claim decides: the older goes first.</summary>
    private static void LookAgain(PartitionRow partition, MessageRow row, HashSet<PartitionRow> changed)
    {
        if (partition.CurrentSequence is null && partition.IsQuarantined && !row.IsQuarantined && row.VisibleAfter == partition.ReadyAt)
        {
            partition.IsQuarantined = false;
            changed.Add(partition);
        }
    }

    private async Task<(IReadOnlyList<int> Written, PublishResult[] Results)> RunAsync(
        IReadOnlyList<StoreWrite> writes,
        IReadOnlyList<OutgoingMessage> messages,
        Func<int, IReadOnlyList<int>, bool> counts,
        CancellationToken cancellationToken)
    {
        foreach (var message in messages)
        {
            ArgumentNullException.ThrowIfNull(message, nameof(messages));
        }

        // Of several messages with one identity, the first gives the content, and the earliest time counts. Topics are in lock order.
        var topics = Enumerable.Range(0, messages.Count).GroupBy(i => messages[i].Topic, StringComparer.Ordinal)
            .OrderBy(static topic => topic.Key, Utf8Order.Comparer)
            .Select(topic => (Topic: topic.Key, Merged: topic.GroupBy(i => KeyOf(messages[i].Message)).ToList())).ToList();
        var keys = topics.Select(static topic => new TopicKeys(topic.Topic, [.. topic.Merged.Select(static same => same.Key)])).ToList();
        var locks = await session.LockForPublishAsync(writes, keys, cancellationToken).ConfigureAwait(false);
        var results = new PublishResult[messages.Count];
        for (var i = 0; i < topics.Count; i++)
        {
            var (topic, merged) = topics[i];
            var counted = merged.SelectMany(static same => same, static (same, index) => (same.Key, Index: index))
                .Where(item => counts(item.Index, locks.Written)).GroupBy(static item => item.Key, static item => item.Index);
            Publish(topic, [.. counted], messages, locks.Topics[i], locks.Clock, results);

            // Created for a save that saved nothing.
            var unused = locks.Topics[i].Partitions.Where(static row => row.ReadyAt == PartitionRow.NeverReady);
            Changes.EmptyPartitions.AddRange(unused.Select(row => (topic, row.Key)));
        }

        await session.WriteAsync(Changes, topic: null, isLast: true, cancellationToken).ConfigureAwait(false);
        return (locks.Written, results);
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
        var due = isCurrent && partition.PostponedTo is { } postponed ? postponed : row.VisibleAfter;
        if (isCurrent && partition.LeaseToken is not null)
        {
            if (visibleAfter < (row.WakeAt ?? long.MaxValue))
            {
                row.WakeAt = visibleAfter;
                Changes.Updates.Add(row);
            }
        }
        else if (!row.IsBackingOff && visibleAfter < due)
        {
            if (isCurrent)
            {
                partition.PostponedTo = partition.ReadyAt = visibleAfter;
                changed.Add(partition);
            }
            else
            {
                row.VisibleAfter = visibleAfter;
                Changes.Updates.Add(row);
                Show(partition, visibleAfter, row.IsQuarantined, changed);
                LookAgain(partition, row, changed);
            }
        }
    }
}
