using System.Threading.Channels;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>An engine that tells the test what it was asked, and fails when the test says so.</summary>
internal sealed class WatchedEngine(IQueueEngine inner) : IQueueEngine
{
    public string Name => inner.Name;

    public Channel<Settlement> Settled { get; } = Channel.CreateUnbounded<Settlement>();

    public Channel<Exchange> Exchanges { get; } = Channel.CreateUnbounded<Exchange>();

    /// <summary>Gets or sets what is thrown instead of an answer.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Gets or sets what is changed in an answer.</summary>
    public Func<ExchangeResult, ExchangeResult> Change { get; set; } = static result => result;

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<Publication> publications, CancellationToken cancellationToken) =>
        inner.PublishAsync(publications, cancellationToken);

    public async Task<ExchangeResult> ExchangeAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        Exchanges.Writer.TryWrite(exchange);
        if (Failure is not null)
        {
            throw Failure;
        }

        var result = Change(await inner.ExchangeAsync(exchange, cancellationToken));
        for (var i = 0; i < exchange.Settlements.Count; i++)
        {
            if (result.Settlements[i] == LeaseResult.Applied)
            {
                Settled.Writer.TryWrite(exchange.Settlements[i]);
            }
        }

        return result;
    }

    public IDisposable Subscribe(string topic, Action<TimeSpan> wake) => inner.Subscribe(topic, wake);

    public Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) =>
        inner.ListDeadLettersAsync(topic, limit, after, cancellationToken);

    public Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) => inner.RedriveAsync(topic, keys, cancellationToken);

    public Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) => inner.PurgeAsync(topic, keys, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
