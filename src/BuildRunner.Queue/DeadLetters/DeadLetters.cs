using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.Hosting;

/// <summary>What a person does with dead letters, in steps that an engine does in one transaction each.</summary>
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

    // Nothing becomes a dead letter twice, so that there would never be anything.
    private static void ThrowIfUnfit(string topic)
    {
        Topic.ThrowIfInvalid(topic);
        if (Topic.IsForDeadLetters(topic))
        {
            throw new ArgumentException(
                $"The topic '{topic}' is one of dead letters; pass the topic that they were in, '{Topic.WithoutDeadLetterSuffix(topic)}'.",
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
                MessageKey[] keys = [.. page.Letters.Select(static letter => new MessageKey { PartitionKey = letter.Message.PartitionKey, Id = letter.Message.Id })];
                count += await action(topic, keys, cancellationToken).ConfigureAwait(
                    false);
            }

            after = page.Next;
        }
        while (after is not null);

        return count;
    }
}
