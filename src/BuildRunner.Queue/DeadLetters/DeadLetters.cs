namespace BuildRunner.Queue.Hosting;

/// <summary>Lists, redrives and purges dead letters, one transaction of the engine at a time.</summary>
internal sealed class DeadLetters(IQueueEngine engine) : IDeadLetters
{
    private const int MaxLimit = 1000;
    private const int BatchSize = 100;

    private delegate Task<int> Removal(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken);

    public Task<DeadLetterPage> ListAsync(
        string topic, int limit = 100, MessageKey? after = null, CancellationToken cancellationToken = default)
    {
        ThrowIfUnfit(topic);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        return engine.ListDeadLettersAsync(topic, limit, after, cancellationToken);
    }

    public Task<bool> RedriveAsync(string topic, MessageKey key, CancellationToken cancellationToken = default) =>
        ForOneAsync(topic, key, engine.RedriveAsync, cancellationToken);

    public Task<int> RedriveAllAsync(string topic, CancellationToken cancellationToken = default) =>
        ForAllAsync(topic, engine.RedriveAsync, cancellationToken);

    public Task<bool> PurgeAsync(string topic, MessageKey key, CancellationToken cancellationToken = default) =>
        ForOneAsync(topic, key, engine.PurgeAsync, cancellationToken);

    public Task<int> PurgeAllAsync(string topic, CancellationToken cancellationToken = default) =>
        ForAllAsync(topic, engine.PurgeAsync, cancellationToken);

    // No message becomes a dead letter twice, so the result would always be empty.
    private static void ThrowIfUnfit(string topic)
    {
        Topic.ThrowIfInvalid(topic);
        if (Topic.IsForDeadLetters(topic))
        {
            throw new ArgumentException(
                $"The topic '{topic}' holds dead letters; pass their original topic, '{Topic.WithoutDeadLetterSuffix(topic)}'.",
                nameof(topic));
        }
    }

    private static async Task<bool> ForOneAsync(
        string topic, MessageKey key, Removal remove, CancellationToken cancellationToken)
    {
        ThrowIfUnfit(topic);
        ArgumentNullException.ThrowIfNull(key);
        return await remove(topic, [key], cancellationToken).ConfigureAwait(false) > 0;
    }

    private async Task<int> ForAllAsync(string topic, Removal remove, CancellationToken cancellationToken)
    {
        ThrowIfUnfit(topic);
        var count = 0;
        IReadOnlyList<MessageKey> keys = [];
        do
        {
            var last = keys is [.., var key] ? key : null;
            keys = await engine.ListDeadLetterKeysAsync(topic, BatchSize, last, cancellationToken).ConfigureAwait(false);
            count += await remove(topic, keys, cancellationToken).ConfigureAwait(false);
        }
        while (keys.Count == BatchSize);

        return count;
    }
}
