using BuildRunner.Queue.InMemory;

namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents a queue in the memory of this process, for tests and demonstrations. It keeps every rule but that of surviving the process.
/// </summary>
/// <remarks>Safe for use by several threads. All methods complete before they return.</remarks>
internal sealed class InMemoryQueueEngine : IQueueEngine
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly WakeSignals _signals = new();
    private readonly MemoryStore _store = new();

    /// <summary>
    /// Initializes a new instance of the <see cref="InMemoryQueueEngine"/> class.
    /// </summary>
    /// <param name="timeProvider">The clock of the queue.</param>
    /// <exception cref="ArgumentNullException"><paramref name="timeProvider"/> is <see langword="null"/>.</exception>
    public InMemoryQueueEngine(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        _timeProvider = timeProvider;
    }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <summary>Gets how many topics, partitions and messages there are.</summary>
    internal (int Topics, int Partitions, int Messages) Size
    {
        get
        {
            lock (_gate)
            {
                return _store.Size;
            }
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public IDisposable Subscribe(string topic, Action<TimeSpan> wake) => _signals.Subscribe(topic, wake);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        ThrowIfNull(publications);
        PublishResult[] results;
        lock (_gate)
        {
            results = Publish(publications);
        }

        Wake(publications);
        return Task.FromResult<IReadOnlyList<PublishResult>>(results);
    }

    /// <summary>
    /// Stores messages together with a change of something else in this process, as other engines do it in a transaction of the caller: nothing is claimed between the two.
    /// </summary>
    /// <param name="change">Makes the change and returns <see langword="true"/>, or changes nothing and returns <see langword="false"/>. It must be quick and must not use this engine.</param>
    /// <param name="publications">The messages, in their order.</param>
    /// <returns>What <paramref name="change"/> has returned. The messages are stored if, and only if, that is <see langword="true"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="change"/>, <paramref name="publications"/> or one of them is <see langword="null"/>; nothing was changed.</exception>
    public bool TryPublish(Func<bool> change, IReadOnlyList<OutgoingMessage> publications)
    {
        ArgumentNullException.ThrowIfNull(change);
        ThrowIfNull(publications);
        lock (_gate)
        {
            if (!change())
            {
                return false;
            }

            Publish(publications);
        }

        Wake(publications);
        return true;
    }

    /// <inheritdoc/>
    public Task<QueueRoundResult> RunRoundAsync(QueueRound round, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(round);
        QueueRoundResult result;
        lock (_gate)
        {
            result = new MemoryRound(_store, round, Instant.Of(_timeProvider)).Run();
        }

        if (round.Settlements.Any(static settlement => settlement.Resolution.Kind == ResolutionKind.DeadLetter) || result.ExpiredLeases.Any(static lapse => lapse.IsDeadLettered))
        {
            _signals.Wake(Topic.DeadLettersOf(round.Topic), TimeSpan.Zero);
        }

        return Task.FromResult(result);
    }

    /// <inheritdoc/>
    public Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var letters = (_store.Find(Topic.DeadLettersOf(topic))?.All ?? [])
                .SelectMany(static partition => partition.Messages)
                .Where(message => after is null || Compare(message.Message, after) > 0)
                .OrderBy(static message => message.Message.PartitionKey, StringComparer.Ordinal)
                .ThenBy(static message => message.Message.Id, StringComparer.Ordinal)
                .Take(limit)
                .Select(static message => new DeadLetter(message.Message, DateTimeOffset.FromUnixTimeMilliseconds(message.PublishedAt), message.Cause))
                .ToList();
            var next = letters.Count < limit ? null : new MessageKey { PartitionKey = letters[^1].Message.PartitionKey, Id = letters[^1].Message.Id };
            return Task.FromResult(new DeadLetterPage { Letters = letters, Next = next });
        }
    }

    /// <inheritdoc/>
    public Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        int count;
        lock (_gate)
        {
            var now = Instant.Of(_timeProvider).Floor;
            count = Take(topic, keys, letter => Publish(topic, letter.Message, now, now));
        }

        _signals.Wake(topic, TimeSpan.Zero);
        return Task.FromResult(count);
    }

    /// <inheritdoc/>
    public Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        lock (_gate)
        {
            return Task.FromResult(Take(topic, keys, static _ => { }));
        }
    }

    private static int Compare(Message message, MessageKey key)
    {
        var byPartition = string.CompareOrdinal(message.PartitionKey, key.PartitionKey);
        return byPartition != 0 ? byPartition : string.CompareOrdinal(message.Id, key.Id);
    }

    private static void Hasten(Partition partition, StoredMessage message, long visibleAfter)
    {
        if (partition.Token is not null && ReferenceEquals(partition.Held, message))
        {
            message.WakeAt = Math.Min(message.WakeAt ?? long.MaxValue, visibleAfter);
        }
        else if (!message.IsBackingOff && visibleAfter < message.VisibleAfter)
        {
            partition.Show(message, visibleAfter);
        }
    }

    // All of it before anything is done, so that what fails has done nothing.
    private static void ThrowIfNull(IReadOnlyList<OutgoingMessage> publications)
    {
        ArgumentNullException.ThrowIfNull(publications);
        foreach (var publication in publications)
        {
            ArgumentNullException.ThrowIfNull(publication, nameof(publications));
        }
    }

    private PublishResult[] Publish(IReadOnlyList<OutgoingMessage> publications)
    {
        var now = Instant.Of(_timeProvider);
        return [.. publications.Select(publication => Publish(publication.Topic, publication.Message, now.After(publication.Delay), now.Floor))];
    }

    private void Wake(IReadOnlyList<OutgoingMessage> publications)
    {
        foreach (var publication in publications)
        {
            _signals.Wake(publication.Topic, publication.Delay);
        }
    }

    private PublishResult Publish(string topic, Message message, long visibleAfter, long now)
    {
        var result = PublishResult.Stored;
        _store.Change(topic, message.PartitionKey, partition =>
        {
            if (partition.Find(message.Id) is { } known)
            {
                result = PublishResult.Duplicate;
                Hasten(partition, known, visibleAfter);
            }
            else
            {
                // A copy, because nothing keeps the program from using its buffer again.
                Message copy = new() { PartitionKey = message.PartitionKey, Id = message.Id, Payload = message.Payload.ToArray(), Headers = message.Headers };
                partition.Add(new StoredMessage(_store.NextSequence(), copy, visibleAfter, now));
            }
        });
        return result;
    }

    private int Take(string topic, IReadOnlyList<MessageKey> keys, Action<StoredMessage> use)
    {
        var deadLetters = Topic.DeadLettersOf(topic);
        var count = 0;
        foreach (var key in keys)
        {
            if (_store.Find(deadLetters, key) is { } letter)
            {
                _store.Change(deadLetters, key.PartitionKey, partition => partition.Remove(letter));
                use(letter);
                count++;
            }
        }

        return count;
    }
}
