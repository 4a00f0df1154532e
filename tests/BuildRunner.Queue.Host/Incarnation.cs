namespace BuildRunner.Queue.Host;

/// <summary>One life of an identity, from the publish that stored it, or that was remembered while it was handled, to its end.</summary>
internal sealed record Incarnation(string Partition, string Id, long PublishedAt)
{
    public static Incarnation Of(Message message, DateTimeOffset publishedAt) => new(message.PartitionKey, message.Id, publishedAt.ToUnixTimeMilliseconds());
}
