using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.Host;

/// <summary>Records each call of an engine before it is made, and each answer before it is returned. Also sends settlements of expired leases, like a consumer that has not noticed.</summary>
internal sealed class RecordingEngine(IQueueEngine engine, Journal journal, int? stallsAt) : IQueueEngine
{
    private const int MaxEnded = 16;

    private readonly Queue<Lease> _ended = new();
    private int _settling;
    private int _isConsuming;

    public string Name => engine.Name;

    public Task StartAsync(CancellationToken cancellationToken) => engine.StartAsync(cancellationToken);

    public async Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var number = journal.NextNumber();
        journal.Write(new Entry.Publishing(number, Chaos.Now, [.. messages.Select(static message =>
            new Entry.Sent(message.Message.PartitionKey, message.Message.Id, message.Delay.TotalMilliseconds))]));
        var results = await engine.PublishAsync(messages, cancellationToken);
        journal.Write(new Entry.Acknowledged(number));
        return results;
    }

    public async Task<QueueRoundResult> RunRoundAsync(QueueRound round, CancellationToken cancellationToken)
    {
        if (round.Settlements.Count > 0 && ++_settling == stallsAt)
        {
            await Task.Delay(Chaos.Stall, cancellationToken);
        }

        var number = journal.NextNumber();
        var beganAt = Chaos.Now;
        var repeated = round.Settlements.Count;
        IReadOnlyList<Settlement> settlements = [.. round.Settlements, .. _ended.Select(static lease => new Settlement(lease, Outcome.Done))];
        if (settlements.Count > 0)
        {
            journal.Write(new Entry.Exchanging(number, beganAt, [.. settlements.Select((settlement, i) =>
                new Entry.Settled(settlement.Lease.Token, settlement.Resolution.Kind, settlement.Resolution.Delay.TotalMilliseconds, i >= repeated))]));
        }

        var result = await engine.RunRoundAsync(round with { Settlements = settlements }, cancellationToken);
        if (settlements.Count > 0 || result.Claims.Count > 0)
        {
            journal.Write(new Entry.RoundDone(number, beganAt, Chaos.Now, result.Settlements, [.. result.Claims.Select(static claim => new Entry.Claimed(
                claim.Lease.Token, Incarnation.Of(claim.Delivery.Message, claim.Delivery.PublishedAt), claim.Delivery.Deliveries, claim.Delivery.Attempt, claim.IsQuarantined))]));
        }

        Remember(round.Settlements, result.Settlements);
        if (Interlocked.Exchange(ref _isConsuming, 1) == 0)
        {
            Console.WriteLine(Chaos.Consuming);
        }

        return new QueueRoundResult
        {
            Settlements = [.. result.Settlements.Take(repeated)],
            Renewals = result.Renewals,
            Claims = result.Claims,
            NextDueIn = result.NextDueIn,
            IsMore = result.IsMore,
        };
    }

    public IDisposable Subscribe(string topic, Action<TimeSpan> wake) => engine.Subscribe(topic, wake);

    public Task<IReadOnlyList<MessageKey>> ListDeadLetterKeysAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) =>
        engine.ListDeadLetterKeysAsync(topic, limit, after, cancellationToken);

    public Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) =>
        engine.ListDeadLettersAsync(topic, limit, after, cancellationToken);

    public Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) => engine.RedriveAsync(topic, keys, cancellationToken);

    public Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) => engine.PurgeAsync(topic, keys, cancellationToken);

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private void Remember(IReadOnlyList<Settlement> settlements, IReadOnlyList<LeaseResult> results)
    {
        for (var i = 0; i < settlements.Count; i++)
        {
            if (results[i] != LeaseResult.Busy)
            {
                _ended.Enqueue(settlements[i].Lease);
            }
        }

        while (_ended.Count > MaxEnded)
        {
            _ended.Dequeue();
        }
    }
}
