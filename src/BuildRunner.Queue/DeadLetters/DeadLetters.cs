using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.Hosting;

/// <summary>What a person does with dead letters, in steps that an engine does in one transaction each.</summary>
internal sealed class DeadLetters(IQueueEngine engine) : IDeadLetters
{
    private const int MaxLimit = 1000;
    private const int BatchSize = 100;

    public Task<DeadLetterPage> ListAsync(string topic, int limit = 100, MessageKey? after = null, CancellationToken cancellationToken = default)
    {
        Topic.ThrowIfInvalid(topic);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        return engine.ListDeadLettersAsync(topic, limit, after, cancellationToken);
    }

    public async Task<bool> RedriveAsync(string topic, MessageKey key, CancellationToken cancellationToken = default)
    {
        Topic.ThrowIfInvalid(topic);
        ArgumentNullException.ThrowIfNull(key);
        return await engine.RedriveAsync(topic, [key], cancellationToken).ConfigureAwait(false) > 0;
    }

    public Task<int> RedriveAllAsync(string topic, CancellationToken cancellationToken = default) => ForAllAsync(topic, engine.RedriveAsync, cancellationToken);

    public async Task<bool> PurgeAsync(string topic, MessageKey key, CancellationToken cancellationToken = default)
    {
        Topic.ThrowIfInvalid(topic);
        ArgumentNullException.ThrowIfNull(key);
        return await engine.PurgeAsync(topic, [key], cancellationToken).ConfigureAwait(false) > 0;
    }

    public Task<int> PurgeAllAsync(string topic, CancellationToken cancellationToken = default) => ForAllAsync(topic, engine.PurgeAsync, cancellationToken);

    private async Task<int> ForAllAsync(string topic, Func<string, IReadOnlyList<MessageKey>, CancellationToken, Task<int>> action, CancellationToken cancellationToken)
    {
        Topic.ThrowIfInvalid(topic);
        var count = 0;
        MessageKey? after = null;
        do
        {
            var page = await engine.ListDeadLettersAsync(topic, BatchSize, after, cancellationToken).ConfigureAwait(false);
            if (page.Letters.Count > 0)
            {
                count += await action(topic, [.. page.Letters.Select(static letter => new MessageKey(letter.Message.PartitionKey, letter.Message.Id))], cancellationToken).ConfigureAwait(false);
            }

            after = page.Next;
        }
        while (after is not null);

        return count;
    }
}
