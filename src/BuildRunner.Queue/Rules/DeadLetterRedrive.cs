namespace BuildRunner.Queue.Rules;

/// <summary>Redrives or purges dead letters of a topic, as the last work in a session.</summary>
internal sealed class DeadLetterRedrive(QueueSession session, string topic, IReadOnlyList<MessageKey> keys)
{
    private readonly string _deadLetters = Topic.DeadLettersOf(topic);
    private readonly QueueChanges _changes = new();

    public async Task<int> RedriveAsync(CancellationToken cancellationToken)
    {
        // A topic sorts before its dead-letter topic, so it is locked first.
        var (_, topics, clock) = await session.LockForPublishAsync([], [new TopicKeys(topic, keys)], cancellationToken)
            .ConfigureAwait(false);
        TopicPublish publish = new(topic, topics[0], clock, _changes);
        return await RemoveAsync(
            letters =>
            {
                foreach (var letter in letters.Where(letter => publish.IsNew(letter.PartitionKey, letter.Id, TimeSpan.Zero)))
                {
                    _changes.Copies.Add(new MessageCopy(letter.Sequence, topic, clock.Floor, clock.Floor, Cause: null));
                }

                publish.Complete();
            },
            cancellationToken).ConfigureAwait(false);
    }

    public Task<int> PurgeAsync(CancellationToken cancellationToken) => RemoveAsync(static _ => { }, cancellationToken);

    private async Task<int> RemoveAsync(Action<IReadOnlyList<MessageRow>> decide, CancellationToken cancellationToken)
    {
        string[] partitionKeys = [.. keys.Select(static key => key.PartitionKey).Distinct(StringComparer.Ordinal)];
        var partitions = await session.LockAsync(_deadLetters, partitionKeys, creates: false, waits: true, cancellationToken)
            .ConfigureAwait(false);

        // Only in locked partitions: a new partition can have appeared since, with its dead letter leased.
        var locked = partitions.Select(static partition => partition.Key).ToHashSet(StringComparer.Ordinal);
        MessageQuery query = new() { Topic = _deadLetters, Keys = [.. keys.Where(key => locked.Contains(key.PartitionKey))] };
        var letters = (await session.ReadAsync(query, cancellationToken).ConfigureAwait(false)).ByKey;
        decide(letters);
        var gone = letters.Select(static letter => letter.Sequence).ToHashSet();
        _changes.Deletes.AddRange(gone);
        await session.WriteAsync(_changes, topic: null, isLast: false, cancellationToken).ConfigureAwait(false);

        // A partition may lose several dead letters; its first message is read afterwards.
        var taken = letters.Select(static letter => letter.PartitionKey).ToHashSet(StringComparer.Ordinal);
        FirstMessage[] asked = [.. taken.Select(static key => new FirstMessage(key, null))];
        var firsts = (await session.ReadAsync(new() { Topic = _deadLetters, Firsts = asked }, cancellationToken).ConfigureAwait(false))
            .Firsts.ToDictionary(static message => message.PartitionKey, StringComparer.Ordinal);
        QueueChanges changes = new();
        foreach (var partition in partitions.Where(partition => taken.Contains(partition.Key)))
        {
            Refresh(partition, firsts.GetValueOrDefault(partition.Key), gone, changes);
        }

        await session.WriteAsync(changes, topic: null, isLast: true, cancellationToken).ConfigureAwait(false);
        return letters.Count;
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
