using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Outages;

/// <summary>The lives of all messages, and the handler that every process has.</summary>
internal sealed class OutageMessages(int count, Random random) : IMessageHandler
{
    public const string Topic = "outage";

    // Units of the queue are milliseconds.
    private static readonly TimeSpan Unit = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Postponement = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Life[] _lives = [.. Enumerable.Range(0, count).Select(_ => new Life
    {
        Delay = TimeSpan.FromMilliseconds(random.Next(4) == 0 ? random.Next(2000) : 0),
        IsToBePostponed = random.Next(5) == 0,
    })];

    public int Count => count;

    /// <summary>Gets the messages that were delivered before their time.</summary>
    public List<string> Early { get; } = [];

    /// <summary>Gets how many deliveries there were.</summary>
    public int Deliveries { get; private set; }

    /// <summary>Gets how many messages have ended.</summary>
    public int Done
    {
        get
        {
            lock (_gate)
            {
                return _lives.Count(static life => life.Ends > 0);
            }
        }
    }

    /// <summary>Gets how many messages were handled to their end more than once, as it may be where the answer to a settlement is lost.</summary>
    public int DoneAgain
    {
        get
        {
            lock (_gate)
            {
                return _lives.Count(static life => life.Ends > 1);
            }
        }
    }

    /// <summary>Gets the messages whose publish was acknowledged, but that have not ended.</summary>
    public IReadOnlyList<(int Number, DateTimeOffset AcknowledgedAt)> Open
    {
        get
        {
            lock (_gate)
            {
                return [.. _lives.Index().Where(static item => item.Item.AcknowledgedAt is not null && item.Item.Ends == 0).Select(static item => (item.Index, item.Item.AcknowledgedAt!.Value))];
            }
        }
    }

    /// <summary>Publishes a message once. It may be called again.</summary>
    public async Task PublishAsync(IPublisher publisher, int number, CancellationToken cancellationToken)
    {
        var life = _lives[number];
        lock (_gate)
        {
            life.NotBefore ??= DateTimeOffset.UtcNow + life.Delay;
        }

        // A few to each partition.
        Message message = new() { PartitionKey = $"p{number / 3}", Id = $"{number}", Payload = "payload"u8.ToArray() };
        await publisher.PublishAfterAsync(Topic, message, life.Delay, cancellationToken);
        lock (_gate)
        {
            life.AcknowledgedAt = DateTimeOffset.UtcNow;
        }
    }

    public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.UtcNow;
        lock (_gate)
        {
            Deliveries++;
            var life = _lives[int.Parse(delivery.Message.Id, System.Globalization.CultureInfo.InvariantCulture)];
            if (now < life.NotBefore - Unit)
            {
                Early.Add($"{delivery.Message.Id} was delivered {life.NotBefore - now} too early (delivery {delivery.Deliveries}).");
            }

            if (life.IsToBePostponed)
            {
                // Less than a lease, which ends where the postponement was not saved.
                life.IsToBePostponed = false;
                life.NotBefore = now + Postponement;
                return Task.FromResult(Outcome.Postpone(Postponement));
            }

            life.Ends++;
            return Task.FromResult(Outcome.Done);
        }
    }

    private sealed class Life
    {
        public required TimeSpan Delay { get; init; }

        public required bool IsToBePostponed { get; set; }

        public DateTimeOffset? NotBefore { get; set; }

        public DateTimeOffset? AcknowledgedAt { get; set; }

        public int Ends { get; set; }
    }
}
