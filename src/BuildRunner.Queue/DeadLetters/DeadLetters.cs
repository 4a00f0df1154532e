using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.Hosting;

/// <summary>Lists, redrives and purges dead letters, one transaction of the engine at a time.</summary>
internal sealed class DeadLetters(IQueueEngine engine) : IDeadLetters
{
    private const int MaxLimit = 1000;
    private const int BatchSize = 100;

    public Task<DeadLetterPage> ListAsync(
        string topic, int limit = 100, MessageKey? after = null, CancellationToken cancellationToken = default)
    {
        ThrowIfUnfit(topic);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        return engine.ListDeadLettersAsync(topic, limit, after, cancellationToken);
    }

    public async Task<bool> RedriveAsync(string topic, MessageKey key, CancellationToken cancellationToken = default)
    {
        ThrowIfUnfit(topic);
        ArgumentNullException.ThrowIfNull(key);
        return await engine.RedriveAsync(topic, [key], cancellationToken).ConfigureAwait(false) > 0;
    }

    public Task<int> RedriveAllAsync(string topic, CancellationToken cancellationToken = default) =>
        ForAllAsync(topic, engine.RedriveAsync, cancellationToken);

    public async Task<bool> PurgeAsync(string topic, MessageKey key, CancellationToken cancellationToken = default)
    {
        ThrowIfUnfit(topic);
        ArgumentNullException.ThrowIfNull(key);
        return await engine.PurgeAsync(topic, [key], cancellationToken).ConfigureAwait(false) > 0;
    }

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

    private async Task<int> ForAllAsync(
        string topic, Func<string, IReadOnlyList<MessageKey>, CancellationToken, Task<int>> action, CancellationToken cancellationToken)
    {
        ThrowIfUnfit(topic);
        var count = 0;
        MessageKey? after = null;
        do
        {
            var page = await engine.ListDeadLettersAsync(topic, BatchSize, after, cancellationToken).ConfigureAwait(false);
            if (page.Letters.Count > 0)
            {
                var keys = page.Letters.Select(static letter => letter.Message)
                    .Select(static message => new MessageKey { PartitionKey = message.PartitionKey, Id = message.Id }).ToArray();
                count += await action(topic, keys, cancellationToken).ConfigureAwait(false);
            }

            after = page.Next;
        }
        while (after is not null);

        return count;
    }
}
