namespace BuildRunner.Queue.Rules;

/// <summary>Publishes messages, as the last work in a session.</summary>
internal sealed class PublishTransaction(QueueSession session)
{
    /// <summary>Publishes messages and returns the result of each.</summary>
    public async Task<IReadOnlyList<PublishResult>> RunAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        (await RunAsync([], messages, saves: null, cancellationToken).ConfigureAwait(false)).Results;

    /// <summary>Executes the writes of a store and publishes the messages of those that changed a row.</summary>
    /// <returns>For each write, whether it changed a row.</returns>
    public async Task<bool[]> RunAsync(
        IReadOnlyList<(StoreWrite Write, IReadOnlyList<OutgoingMessage> Messages)> saves, CancellationToken cancellationToken)
    {
        if (saves is [(var only, { Count: 0 })])
        {
            return [await session.ExecuteAsync(only, isLast: true, cancellationToken).ConfigureAwait(false) > 0];
        }

        var (written, _) = await RunAsync(
            [.. saves.Select(static save => save.Write)],
            [.. saves.SelectMany(static save => save.Messages)],
            [.. saves.SelectMany(static (save, i) => Enumerable.Repeat(i, save.Messages.Count))],
            cancellationToken).ConfigureAwait(false);
        return [.. written.Select(static rows => rows > 0)];
    }

    private async Task<(IReadOnlyList<int> Written, PublishResult[] Results)> RunAsync(
        IReadOnlyList<StoreWrite> writes, IReadOnlyList<OutgoingMessage> messages, int[]? saves, CancellationToken cancellationToken)
    {
        // Topics are in lock order.
        var topics = messages.Index().GroupBy(static message => message.Item.Topic, StringComparer.Ordinal)
            .OrderBy(static topic => topic.Key, Utf8Order.Comparer).ToList();
        TopicKeys[] keys = [.. topics.Select(static topic =>
            new TopicKeys(topic.Key, [.. topic.Select(static message => message.Item.Message.Key).Distinct()]))];
        var locks = await session.LockForPublishAsync(writes, keys, cancellationToken).ConfigureAwait(false);
        QueueChanges changes = new();
        var results = new PublishResult[messages.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            TopicPublish publish = new(keys[i].Topic, locks.Topics[i], locks.Clock, changes);
            foreach (var (index, message) in topics[i])
            {
                if (saves is null || locks.Written[saves[index]] > 0)
                {
                    results[index] = publish.Publish(message);
                }
            }

            publish.Complete();
        }

        await session.WriteAsync(changes, topic: null, isLast: true, cancellationToken).ConfigureAwait(false);
        return (locks.Written, results);
    }
}
