using System.Collections.Concurrent;
using System.Threading.Channels;

namespace BuildRunner.AspNetCore.Tests.Fixtures;

/// <summary>A runner of the orchestration. It sends webhooks as GitHub does, and tests can wait for its polls.</summary>
internal class StageRunner(FakeBuildRunner fake, TimeProvider time) : WebhookRunner(fake, Schemes.GitHub(Webhook.KnownSecret))
{
    private readonly ConcurrentQueue<DateTimeOffset> _polls = new();
    private readonly Channel<BuildId> _polled = Channel.CreateUnbounded<BuildId>();
    private int _underWay;
    private int _mostUnderWay;

    public FakeBuildRunner Fake { get; } = fake;

    /// <summary>Gets when it was asked.</summary>
    public IReadOnlyCollection<DateTimeOffset> Polls => _polls;

    public int MostUnderWay => _mostUnderWay;

    /// <summary>Waits for the next poll that nobody has waited for.</summary>
    public Task<BuildId> PolledAsync() => _polled.Reader.ReadAsync().AsTask().WaitAsync(WebhookApp.Safety);

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        _polls.Enqueue(time.GetUtcNow());
        _mostUnderWay = Math.Max(_mostUnderWay, Interlocked.Increment(ref _underWay));
        try
        {
            return await base.StatusAsync(buildId, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
            _polled.Writer.TryWrite(buildId);
        }
    }
}
