using BuildRunner.Queue;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>The queue of one process. What it publishes goes through the hook; settling and claiming do not, because a death between two steps is that of the last or of the next.</summary>
internal sealed class HookedEngine(IQueueEngine inner, CallHook hook, TopicChanges changes) : IQueueEngine
{
    public string Name => inner.Name;

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) =>
        hook.RunAsync("queue.publish", () => changes.CountAsync(publications, () => inner.PublishAsync(publications, cancellationToken)), cancellationToken);

    // What it claims is due again when the lease ends, which it says.
    public async Task<QueueRoundResult> RunRoundAsync(QueueRound round, CancellationToken cancellationToken)
    {
        string[] topics = [round.Topic, Topic.DeadLettersOf(round.Topic)];
        var result = await inner.RunRoundAsync(round, cancellationToken);
        return result.Settlements.Count + result.ExpiredLeases.Count == 0 ? result : await changes.CountAsync(topics, () => Task.FromResult(result));
    }

    public IDisposable Subscribe(string topic, Action<TimeSpan> wake) => inner.Subscribe(topic, wake);

    public Task<IReadOnlyList<MessageKey>> ListDeadLetterKeysAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) => inner.ListDeadLetterKeysAsync(topic, limit, after, cancellationToken);

    public Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) => inner.ListDeadLettersAsync(topic, limit, after, cancellationToken);

    public Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) => changes.CountAsync([topic], () => inner.RedriveAsync(topic, keys, cancellationToken));

    public Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) => inner.PurgeAsync(topic, keys, cancellationToken);

    // The data outlives the process.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
