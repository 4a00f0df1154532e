using BuildRunner.Queue.Sessions;

namespace BuildRunner.Queue.Rules;

/// <summary>Redrives or purges dead letters of a topic.</summary>
internal sealed class DeadLetterRedrive(QueueSession session, string topic, IReadOnlyList<MessageKey> keys)
{
    private readonly string _deadLetters = Topic.DeadLettersOf(topic);
    private readonly PublishTransaction _publish = new(session);

    public async Task<int> RedriveAsync(CancellationToken cancellationToken)
    {
        // A topic sorts before its dead-letter topic, so it is locked first.
        var (_, topics, clock) = await session.LockForPublishAsync([], [new TopicKeys(topic, keys)], cancellationToken)
            .ConfigureAwait(false);
        var locks = topics[0];
        var partitions = await LockAsync(cancellationToken).ConfigureAwait(false);
        var letters = await ReadAsync(partitions, cancellationToken).ConfigureAwait(false);
        var isNew = _publish.Decide(topic, [.. letters.Select(static letter => (letter.Key, TimeSpan.Zero))], locks, clock);
        for (var i = 0; i < letters.Count; i++)
        {
            if (isNew[i])
            {
                _publish.Changes.Copies.Add(new MessageCopy(letters[i].Sequence, topic, clock.Floor, clock.Floor, Cause: null));
            }
        }

        var unused = locks.Partitions.Where(static partition => partition.ReadyAt == PartitionRow.NeverReady);
        _publish.Changes.EmptyPartitions.AddRange(unused.Select(partition => (topic, partition.Key)));
        await RemoveAsync(letters, partitions, cancellationToken).ConfigureAwait(false);
        return letters.Count;
    }

    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        var partitions = await LockAsync(cancellationToken).ConfigureAwait(false);
        var letters = await ReadAsync(partitions, cancellationToken).ConfigureAwait(false);
        await RemoveAsync(letters, partitions, cancellationToken).ConfigureAwait(false);
        return letters.Count;
    }

    private Task<IReadOnlyList<PartitionRow>> LockAsync(CancellationToken cancellationToken)
    {
        string[] partitionKeys = [.. keys.Select(static key => key.PartitionKey).Distinct(StringComparer.Ordinal)];
        return session.LockAsync(_deadLetters, partitionKeys, creates: false, waits: true, cancellationToken);
    }

    // Only in locked partitions: a new partition can have appeared since, with its dead letter leased.
    private async Task<IReadOnlyList<MessageRow>> ReadAsync(IReadOnlyList<PartitionRow> partitions, CancellationToken cancellationToken)
    {
        var locked = partitions.Select(static partition => partition.Key).ToHashSet(StringComparer.Ordinal);
        MessageQuery query = new() { Topic = _deadLetters, Keys = [.. keys.Where(key => locked.Contains(key.PartitionKey))] };
        return (await session.ReadAsync(query, cancellationToken).ConfigureAwait(false)).ByKey;
    }

    private async Task RemoveAsync(
        IReadOnlyList<MessageRow> letters, IReadOnlyList<PartitionRow> partitions, CancellationToken cancellationToken)
    {
        _publish.Changes.Deletes.AddRange(letters.Select(static letter => letter.Sequence));
        await session.WriteAsync(_publish.Changes, topic: null, isLast: false, cancellationToken).ConfigureAwait(false);

        // A partition may lose several dead letters; its first message is read afterwards.
        var taken = letters.Select(static letter => letter.PartitionKey).ToHashSet(StringComparer.Ordinal);
        List<PartitionRow> changed = [.. partitions.Where(partition => taken.Contains(partition.Key))];
        FirstMessage[] asked = [.. changed.Select(static partition => new FirstMessage(partition.Key, null))];
        MessageQuery query = new() { Topic = _deadLetters, Firsts = asked };
        var firsts = (await session.ReadAsync(query, cancellationToken).ConfigureAwait(false)).Firsts
            .ToDictionary(static message => message.PartitionKey, StringComparer.Ordinal);
        var gone = letters.Select(static letter => letter.Sequence).ToHashSet();
        QueueChanges changes = new();
        foreach (var partition in changed)
        {
            Refresh(partition, firsts.GetValueOrDefault(partition.Key), gone, changes);
        }

        await session.WriteAsync(changes, topic: null, isLast: true, cancellationToken).ConfigureAwait(false);
    }

    private void Refresh(PartitionRow partition, MessageRow? first, HashSet<long> gone, QueueChanges changes)
    {
        if (first is null)
        {
            changes.EmptyPartitions.Add((_deadLetters, partition.Key));
            return;
        }

        if (partition.CurrentSequence is { } current && gone.Contains(current))
        {
            partition.CurrentSequence = null;
            partition.LeaseToken = null;
        }

        if (partition.CurrentSequence is null)
        {
            partition.ReadyAt = first.VisibleAfter;
            partition.IsQuarantined = first.IsQuarantined;
            changes.Partitions.Add((_deadLetters, partition));
        }
    }
}
