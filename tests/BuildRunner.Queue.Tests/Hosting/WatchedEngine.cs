using System.Threading.Channels;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>An engine that tells the test what it was asked, and fails when the test says so.</summary>
internal sealed class WatchedEngine(IQueueEngine inner, Action changed, TestClock? clock = null) : IQueueEngine
{
    private int _endedPumps;
    private int _working;
    private long _endedAt = -1;

    public string Name => inner.Name;

    private Action Changed { get; } = changed;

    public Channel<Settlement> Settled { get; } = Channel.CreateUnbounded<Settlement>();

    public Channel<QueueRound> Rounds { get; } = Channel.CreateUnbounded<QueueRound>();

    /// <summary>Gets or sets what is thrown instead of an answer.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Gets or sets what is thrown at who publishes.</summary>
    public Exception? PublishFailure { get; set; }

    /// <summary>Gets or sets what a round waits for before anything is done, as long as it is not canceled.</summary>
    public Task? Gate { get; set; }

    /// <summary>Gets a value indicating whether a round waits at the gate.</summary>
    public bool IsHanging { get; private set; }

    /// <summary>Gets a value indicating whether the engine takes its time to answer, or has answered and the pump has not touched its timer since. That timer is not what the pump waits for.</summary>
    public bool IsAtWork => Volatile.Read(ref _working) > 0 || Interlocked.Read(ref _endedAt) == clock?.Version;

    /// <summary>Gets or sets what is changed in an answer. Where it throws, the answer is lost.</summary>
    public Func<QueueRoundResult, QueueRoundResult> Change { get; set; } = static result => result;

    /// <summary>Gets or sets what is thrown at a pump that begins.</summary>
    public Exception? SubscriptionFailure { get; set; }

    /// <summary>Gets how many pumps have ended.</summary>
    public int EndedPumps => Volatile.Read(ref _endedPumps);

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        PublishFailure is null ? inner.PublishAsync(messages, cancellationToken) : Task.FromException<IReadOnlyList<PublishResult>>(PublishFailure);

    public async Task<QueueRoundResult> RunRoundAsync(QueueRound round, CancellationToken cancellationToken)
    {
        Rounds.Writer.TryWrite(round);
        Changed();
        if (Failure is not null)
        {
            throw Failure;
        }

        if (Gate is { } gate)
        {
            IsHanging = true;
            Changed();
            await gate.WaitAsync(cancellationToken);
            IsHanging = false;
        }

        var result = Change(await AskAsync(round, cancellationToken));
        for (var i = 0; i < round.Settlements.Count; i++)
        {
            if (result.Settlements[i] == LeaseResult.Applied)
            {
                Settled.Writer.TryWrite(round.Settlements[i]);
            }
        }

        Changed();
        return result;
    }

    public IDisposable Subscribe(string topic, Action<TimeSpan> wake) =>
        SubscriptionFailure is null ? new Subscription(this, inner.Subscribe(topic, wake)) : throw SubscriptionFailure;

    public Task<IReadOnlyList<MessageKey>> ListDeadLetterKeysAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) =>
        inner.ListDeadLetterKeysAsync(topic, limit, after, cancellationToken);

    public Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) =>
        inner.ListDeadLettersAsync(topic, limit, after, cancellationToken);

    public Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) => inner.RedriveAsync(topic, keys, cancellationToken);

    public Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) => inner.PurgeAsync(topic, keys, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task<QueueRoundResult> AskAsync(QueueRound round, CancellationToken cancellationToken)
    {
        var asked = inner.RunRoundAsync(round, cancellationToken);
        if (asked.IsCompleted)
        {
            return await asked;
        }

        Interlocked.Increment(ref _working);
        try
        {
            return await asked;
        }
        finally
        {
            Interlocked.Exchange(ref _endedAt, clock?.Version ?? -1);
            Interlocked.Decrement(ref _working);
        }
    }

    // A pump subscribes when it begins, and ends that when it is over.
    private sealed class Subscription(WatchedEngine engine, IDisposable inner) : IDisposable
    {
        public void Dispose()
        {
            inner.Dispose();
            Interlocked.Increment(ref engine._endedPumps);
            engine.Changed();
        }
    }
}
