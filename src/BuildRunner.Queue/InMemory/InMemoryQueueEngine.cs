using BuildRunner.Queue.InMemory;

namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents a queue in the memory of this process, for tests and demonstrations. It keeps every rule but that of surviving the process.
/// </summary>
/// <remarks>Safe for use by several threads. All methods complete before they return.</remarks>
public sealed class InMemoryQueueEngine : IQueueEngine
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly WakeSignals _signals = new();
    private readonly Dictionary<string, TopicPartitions> _topics = new(StringComparer.Ordinal);
    private long _sequence;
    private long _token;

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
                return (_topics.Count, _topics.Values.Sum(topic => topic.All.Count()), _topics.Values.Sum(topic => topic.All.Sum(partition => partition.Messages.Count())));
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
    public Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<Publication> publications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(publications);
        var results = new PublishResult[publications.Count];
        lock (_gate)
        {
            var now = Instant.Of(_timeProvider);
            for (var i = 0; i < results.Length; i++)
            {
                results[i] = Publish(publications[i].Topic, publications[i].Message, now.After(publications[i].Delay), now.Floor);
            }
        }

        foreach (var publication in publications)
        {
            _signals.Wake(publication.Topic, publication.Delay);
        }

        return Task.FromResult<IReadOnlyList<PublishResult>>(results);
    }

    /// <inheritdoc/>
    public Task<ExchangeResult> ExchangeAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        ExchangeResult result;
        lock (_gate)
        {
            result = Run(exchange, Instant.Of(_timeProvider));
        }

        if (exchange.Settlements.Any(static settlement => settlement.Resolution.Kind == ResolutionKind.DeadLetter))
        {
            _signals.Wake(Topic.DeadLettersOf(exchange.Topic), TimeSpan.Zero);
        }

        return Task.FromResult(result);
    }

    /// <inheritdoc/>
    public Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var letters = (_topics.GetValueOrDefault(Topic.DeadLettersOf(topic))?.All ?? [])
                .SelectMany(static partition => partition.Messages)
                .Where(message => after is null || Compare(message.Message, after) > 0)
                .OrderBy(static message => message.Message.PartitionKey, StringComparer.Ordinal)
                .ThenBy(static message => message.Message.Id, StringComparer.Ordinal)
                .Take(limit)
                .Select(static message => new DeadLetter(message.Message, DateTimeOffset.FromUnixTimeMilliseconds(message.PublishedAt), message.Cause))
                .ToList();
            var next = letters.Count < limit ? null : new MessageKey(letters[^1].Message.PartitionKey, letters[^1].Message.Id);
            return Task.FromResult(new DeadLetterPage(letters, next));
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

    private PublishResult Publish(string topic, Message message, long visibleAfter, long now)
    {
        var result = PublishResult.Stored;
        Change(topic, message.PartitionKey, partition =>
        {
            if (partition.Find(message.Id) is { } known)
            {
                result = PublishResult.Duplicate;
                Hasten(partition, known, visibleAfter);
            }
            else
            {
                // A copy, because nothing keeps the program from using its buffer again.
                Message copy = new(message.Id, message.PartitionKey, message.Payload.ToArray(), message.Headers);
                partition.Add(new StoredMessage(++_sequence, copy, visibleAfter, now));
            }
        });
        return result;
    }

    private ExchangeResult Run(Exchange exchange, Instant now)
    {
        List<LeaseResult> settlements = [.. exchange.Settlements.Select(settlement => Settle(exchange, settlement, now))];
        List<LeaseResult> renewals = [.. exchange.Renewals.Select(lease => Renew(exchange, lease, now))];
        List<Claim> claims = [];
        if (exchange.Limit > 0 || exchange.TakesSuspect)
        {
            ClaimOrdinary(exchange, claims, now);
            ClaimSuspect(exchange, claims, now);
        }

        var partitions = _topics.GetValueOrDefault(exchange.Topic);
        var next = partitions?.NextOrdinary;
        if (exchange.TakesSuspect && !claims.Exists(static claim => claim.IsSuspect) && partitions?.NextSuspect is { } suspect)
        {
            next = Math.Min(next ?? long.MaxValue, suspect);
        }

        return new()
        {
            Settlements = settlements,
            Renewals = renewals,
            Claims = claims,
            NextDueIn = next is { } due ? TimeSpan.FromMilliseconds(due - now.Floor) : null,
            IsMore = next <= now.Floor,
        };
    }

    private bool IsHeld(string topic, Lease lease, Instant now) =>
        _topics.GetValueOrDefault(topic)?.Find(lease.PartitionKey) is { } partition && partition.Token == lease.Token && partition.ReadyAt > now.Floor;

    private LeaseResult Renew(Exchange exchange, Lease lease, Instant now)
    {
        if (!IsHeld(exchange.Topic, lease, now))
        {
            return LeaseResult.Stale;
        }

        Change(exchange.Topic, lease.PartitionKey, partition => partition.Extend(now.After(exchange.LeaseDuration)));
        return LeaseResult.Applied;
    }

    private LeaseResult Settle(Exchange exchange, Settlement settlement, Instant now)
    {
        if (!IsHeld(exchange.Topic, settlement.Lease, now))
        {
            return LeaseResult.Stale;
        }

        Change(exchange.Topic, settlement.Lease.PartitionKey, partition => Resolve(exchange, partition, settlement.Resolution, now));
        return LeaseResult.Applied;
    }

    private void Resolve(Exchange exchange, Partition partition, Resolution resolution, Instant now)
    {
        var message = partition.Release(holds: resolution.Kind is ResolutionKind.Postpone or ResolutionKind.HandBack);
        if (resolution.Kind != ResolutionKind.HandBack)
        {
            message.IsSuspect = false;
            message.IsUnsettled = false;
        }

        switch (resolution.Kind)
        {
            case ResolutionKind.Done:
                Finish(partition, message, now);
                break;
            case ResolutionKind.Postpone:
                message.Failures = 0;
                partition.Show(message, Math.Min(now.After(resolution.Delay), message.WakeAt ?? long.MaxValue));
                message.WakeAt = null;
                break;
            case ResolutionKind.Retry:
                BackOff(partition, message, resolution.Delay, now);
                break;
            case ResolutionKind.DeadLetter when Topic.IsForDeadLetters(exchange.Topic):
                BackOff(partition, message, exchange.Policy.MaxDelay, now);
                break;
            case ResolutionKind.DeadLetter:
                Bury(exchange.Topic, partition, message, resolution.Failure!, now);
                break;
        }
    }

    private static void Finish(Partition partition, StoredMessage message, Instant now)
    {
        if (message.WakeAt is { } wakeAt)
        {
            message.Renew(now.Floor);
            partition.Show(message, wakeAt);
        }
        else
        {
            partition.Remove(message);
        }
    }

    private static void BackOff(Partition partition, StoredMessage message, TimeSpan delay, Instant now)
    {
        message.Failures++;
        Pause(partition, message, delay, now);
    }

    private static void Pause(Partition partition, StoredMessage message, TimeSpan delay, Instant now)
    {
        message.IsBackingOff = true;
        message.WakeAt = null;
        partition.Show(message, now.After(delay));
    }

    private void Bury(string topic, Partition partition, StoredMessage message, Failure failure, Instant now)
    {
        StoredMessage letter = new(++_sequence, message.Message, now.Floor, message.PublishedAt) { Cause = new(failure, message.Failures + 1, topic) };
        Finish(partition, message, now);
        Change(Topic.DeadLettersOf(topic), partition.Key, letters =>
        {
            if (letters.Find(message.Message.Id) is { } old)
            {
                letters.Remove(old);
            }

            letters.Add(letter);
        });
    }

    private void Lapse(Exchange exchange, string key, Instant now) => Change(exchange.Topic, key, partition =>
    {
        var message = partition.Release(holds: false);
        var failures = message.Failures + (message.IsSuspect ? 1 : 0);
        if (message.IsSuspect && exchange.Policy.IsExhausted(exchange.Topic, failures))
        {
            Bury(exchange.Topic, partition, message, LapsedLease.Failure, now);
            return;
        }

        message.Failures = failures;
        message.IsSuspect = true;
        Pause(partition, message, exchange.Policy.DelayAfter(Math.Max(1, failures), Random.Shared.NextDouble()), now);
    });

    private void ClaimOrdinary(Exchange exchange, List<Claim> claims, Instant now)
    {
        while (claims.Count < exchange.Limit && _topics.GetValueOrDefault(exchange.Topic)?.FirstReady(now.Floor) is { } partition)
        {
            if (partition.Token is null)
            {
                claims.Add(Claim(exchange, partition.Key, now));
            }
            else
            {
                Lapse(exchange, partition.Key, now);
            }
        }
    }

    private void ClaimSuspect(Exchange exchange, List<Claim> claims, Instant now)
    {
        foreach (var leased in ReadySuspects(exchange.Topic, now).Where(static partition => partition.Token is not null))
        {
            Lapse(exchange, leased.Key, now);
        }

        if (exchange.TakesSuspect && ReadySuspects(exchange.Topic, now) is [var first, ..])
        {
            claims.Add(Claim(exchange, first.Key, now));
        }
    }

    private IReadOnlyList<Partition> ReadySuspects(string topic, Instant now) => _topics.GetValueOrDefault(topic)?.ReadySuspects(now.Floor) ?? [];

    private Claim Claim(Exchange exchange, string key, Instant now)
    {
        Claim? claim = null;
        Change(exchange.Topic, key, partition =>
        {
            Lease lease = new(key, ++_token);
            partition.Lease(lease.Token, now.After(exchange.LeaseDuration));
            var message = partition.Held!;
            Delivery delivery = new()
            {
                Message = message.Message,
                Topic = exchange.Topic,
                Attempt = message.Failures + 1,
                Deliveries = ++message.Deliveries,
                Redelivered = message.IsUnsettled,
                PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(message.PublishedAt),
                DeadLetterCause = message.Cause,
            };
            message.IsUnsettled = true;
            message.IsBackingOff = false;
            message.WakeAt = null;
            claim = new(lease, delivery, message.IsSuspect);
        });
        return claim!;
    }

    private int Take(string topic, IReadOnlyList<MessageKey> keys, Action<StoredMessage> use)
    {
        var deadLetters = Topic.DeadLettersOf(topic);
        var count = 0;
        foreach (var key in keys)
        {
            if (_topics.GetValueOrDefault(deadLetters)?.Find(key.PartitionKey)?.Find(key.Id) is { } letter)
            {
                Change(deadLetters, key.PartitionKey, partition => partition.Remove(letter));
                use(letter);
                count++;
            }
        }

        return count;
    }

    private void Change(string topic, string key, Action<Partition> change)
    {
        if (!_topics.TryGetValue(topic, out var partitions))
        {
            partitions = new TopicPartitions(topic);
            _topics.Add(topic, partitions);
        }

        partitions.Change(key, change);
        if (partitions.IsEmpty)
        {
            _topics.Remove(topic);
        }
    }
}
