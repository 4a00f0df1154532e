using System.Text;

namespace BuildRunner.Queue.Rules;

/// <summary>Publishes messages, as the last work in a session.</summary>
internal sealed class PublishTransaction(QueueSession session)
{
    // All transactions lock in the order of the bytes, as the databases compare.
    public static readonly Comparer<string> LockOrder = Comparer<string>.Create(
        static (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));

    /// <summary>Publishes messages and returns the result of each.</summary>
    public async Task<IReadOnlyList<PublishResult>> RunAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        (await RunAsync([], messages, saves: null, areNew: false, cancellationToken).ConfigureAwait(false)).Results;

    /// <summary>Publishes messages whose partitions are mostly new, so that fewer of them are looked for. It fails if somebody has deleted
    /// the partition of one that is there.</summary>
    public Task PublishNewAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        RunAsync([], messages, saves: null, areNew: true, cancellationToken);

    /// <summary>Executes the writes of a store and publishes the messages of those that changed a row.</summary>
    /// <returns>For each write, whether it changed a row.</returns>
    public async Task<bool[]> RunAsync(
        IReadOnlyList<(StoreWrite Write, IReadOnlyList<OutgoingMessage> Messages)> saves, CancellationToken cancellationToken)
    {
        if (saves is [(var only, { Count: 0 })])
        {
            return [await session.ExecuteAsync(only, isLast: true, cancellationToken).ConfigureAwait(false) > 0];
        }

        var (written, _) = saves is [(var write, var messages)]
            ? await RunAsync([write], messages, new int[messages.Count], areNew: false, cancellationToken).ConfigureAwait(false)
            : await RunAsync(
                [.. saves.Select(static save => save.Write)],
                [.. saves.SelectMany(static save => save.Messages)],
                [.. saves.SelectMany(static (save, i) => Enumerable.Repeat(i, save.Messages.Count))],
                areNew: false,
                cancellationToken).ConfigureAwait(false);
        return [.. written.Select(static rows => rows > 0)];
    }

    private async Task<(IReadOnlyList<int> Written, PublishResult[] Results)> RunAsync(
        IReadOnlyList<StoreWrite> writes,
        IReadOnlyList<OutgoingMessage> messages,
        int[]? saves,
        bool areNew,
        CancellationToken cancellationToken)
    {
        foreach (var message in messages)
        {
            ArgumentNullException.ThrowIfNull(message, nameof(messages));
        }

        // Most publishes have one message.
        TopicKeys[] topics = messages is [var only] ? [new(only.Topic, [only.Message.Key])] : KeysOf(messages, areNew);
        var locks = await session.LockForPublishAsync(writes, topics, cancellationToken).ConfigureAwait(false);
        QueueChanges changes = new();
        var results = new PublishResult[messages.Count];
        for (var t = 0; t < topics.Length; t++)
        {
            TopicPublish publish = new(topics[t].Topic, locks.Topics[t], locks.Clock, changes);
            for (var i = 0; i < results.Length; i++)
            {
                if (messages[i].Topic == topics[t].Topic && (saves is null || locks.Written[saves[i]] > 0))
                {
                    results[i] = publish.Publish(messages[i]);
                }
            }

            publish.Complete();
        }

        await session.WriteAsync(changes, topic: null, isLast: true, cancellationToken).ConfigureAwait(false);
        return (locks.Written, results);
    }

    /// <summary>Gets the identities of each topic, in lock order.</summary>
    private static TopicKeys[] KeysOf(IReadOnlyList<OutgoingMessage> messages, bool areNew)
    {
        SortedList<string, List<MessageKey>> topics = new(LockOrder);
        foreach (var message in messages)
        {
            (topics.TryGetValue(message.Topic, out var keys) ? keys : topics[message.Topic] = []).Add(message.Message.Key);
        }

        return [.. topics.Select(topic => new TopicKeys(topic.Key, topic.Value is [_] ? topic.Value : [.. topic.Value.Distinct()])
        {
            AreNew = areNew,
        })];
    }
}
