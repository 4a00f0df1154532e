namespace BuildRunner.Queue.Rules;

/// <summary>Publishes messages, as the last work in a session.</summary>
internal sealed class PublishTransaction(QueueSession session)
{
    private const int Few = 4;

    /// <summary>The order in which all transactions lock: that of the bytes in UTF-8, as the databases compare.</summary>
    public static readonly Comparer<string> LockOrder = Comparer<string>.Create(static (a, b) =>
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        return same == a.Length || same == b.Length ? a.Length.CompareTo(b.Length) : RankOf(a[same]).CompareTo(RankOf(b[same]));
    });

    /// <summary>Publishes messages and returns the result of each.</summary>
    public async Task<IReadOnlyList<PublishResult>> RunAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        (await RunAsync([], messages, saves: null, areNew: false, cancellationToken).ConfigureAwait(false)).Results;

    /// <summary>Publishes messages whose partitions are mostly new.</summary>
    /// <remarks>Messages with the same identity are looked for only in the partitions that are there. If one of these is deleted meanwhile,
    /// nothing is published and the call fails.</remarks>
    public async Task PublishNewAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        await RunAsync([], messages, saves: null, areNew: true, cancellationToken).ConfigureAwait(false);

    /// <summary>Executes the write of a store and publishes messages if it changed a row.</summary>
    /// <returns>Whether it changed a row.</returns>
    public async Task<bool> RunAsync(StoreWrite write, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        messages.Count == 0
            ? await session.ExecuteAsync(write, isLast: true, cancellationToken).ConfigureAwait(false) > 0
            : (await RunAsync([write], messages, saves: null, areNew: false, cancellationToken).ConfigureAwait(false)).Written[0] > 0;

    /// <summary>Executes the writes of a store and publishes the messages of those that changed a row.</summary>
    /// <returns>For each write, whether it changed a row.</returns>
    public async Task<bool[]> RunAsync(
        IReadOnlyList<(StoreWrite Write, IReadOnlyList<OutgoingMessage> Messages)> saves, CancellationToken cancellationToken)
    {
        if (saves is [var (write, messages)])
        {
            return [await RunAsync(write, messages, cancellationToken).ConfigureAwait(false)];
        }

        var (written, _) = await RunAsync(
            [.. saves.Select(static save => save.Write)],
            [.. saves.SelectMany(static save => save.Messages)],
            [.. saves.SelectMany(static (save, i) => Enumerable.Repeat(i, save.Messages.Count))],
            areNew: false,
            cancellationToken).ConfigureAwait(false);
        return [.. written.Select(static rows => rows > 0)];
    }

    // In UTF-8, characters of two surrogates come after all others.
    private static int RankOf(char unit) => char.IsSurrogate(unit) ? char.MaxValue + unit : unit;

    /// <param name="writes">The writes, or none: then all messages are published.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="saves">The index of the write of each message, or <see langword="null"/> if there is one at most.</param>
    /// <param name="areNew">Whether their partitions are mostly new.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    private async ValueTask<(IReadOnlyList<int> Written, PublishResult[] Results)> RunAsync(
        IReadOnlyList<StoreWrite> writes,
        IReadOnlyList<OutgoingMessage> messages,
        int[]? saves,
        bool areNew,
        CancellationToken cancellationToken)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            ArgumentNullException.ThrowIfNull(messages[i], nameof(messages));
        }

        var topics = (areNew ? null : KeysOfFew(messages)) ?? KeysOf(messages, areNew);
        if (writes.Count == 0 && session.ExpectsNew(topics))
        {
            var (expected, stored) = Decide(topics, PublishLocks.OfNew(topics), messages, saves: null);
            if (await session.TryWriteNewAsync(expected, cancellationToken).ConfigureAwait(false))
            {
                return ([], stored);
            }
        }

        var locks = await session.LockForPublishAsync(writes, topics, cancellationToken).ConfigureAwait(false);
        var (changes, results) = Decide(topics, locks, messages, saves);
        await session.WriteAsync(changes, topic: null, isLast: true, cancellationToken).ConfigureAwait(false);
        return (locks.Written, results);
    }

    private static (QueueChanges Changes, PublishResult[] Results) Decide(
        TopicKeys[] topics, PublishLocks locks, IReadOnlyList<OutgoingMessage> messages, int[]? saves)
    {
        QueueChanges changes = new();
        var results = new PublishResult[messages.Count];
        for (var t = 0; t < topics.Length; t++)
        {
            TopicPublish publish = new(topics[t].Topic, locks.Topics[t], locks.Clock, changes);
            for (var i = 0; i < results.Length; i++)
            {
                if (messages[i].Topic == topics[t].Topic && (locks.Written.Count == 0 || locks.Written[saves?[i] ?? 0] > 0))
                {
                    results[i] = publish.Publish(messages[i]);
                }
            }

            publish.Complete();
        }

        return (changes, results);
    }

    /// <summary>Gets the identities of each topic, in lock order, if there are few messages and each has its own topic, as most
    /// have.</summary>
    private static TopicKeys[]? KeysOfFew(IReadOnlyList<OutgoingMessage> messages)
    {
        if (messages.Count > Few)
        {
            return null;
        }

        var topics = new TopicKeys[messages.Count];
        for (var count = 0; count < topics.Length; count++)
        {
            var (topic, place) = (messages[count].Topic, count);
            for (; place > 0 && LockOrder.Compare(topics[place - 1].Topic, topic) is var order && order >= 0; place--)
            {
                if (order == 0)
                {
                    return null;
                }

                topics[place] = topics[place - 1];
            }

            topics[place] = new(topic, [messages[count].Message.Key]);
        }

        return topics;
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
