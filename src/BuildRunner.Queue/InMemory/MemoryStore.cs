namespace BuildRunner.Queue.InMemory;

/// <summary>The topics that have messages. Used under the lock of the engine alone.</summary>
internal sealed class MemoryStore
{
    private readonly Dictionary<string, TopicPartitions> _topics = new(StringComparer.Ordinal);
    private long _sequence;
    private long _token;

    /// <summary>Gets how many topics, partitions and messages there are.</summary>
    public (int Topics, int Partitions, int Messages) Size =>
        (_topics.Count, _topics.Values.Sum(static topic => topic.All.Count()), _topics.Values.Sum(static topic => topic.All.Sum(static partition => partition.Messages.Count())));

    public TopicPartitions? Find(string topic) => _topics.GetValueOrDefault(topic);

    public StoredMessage? Find(string topic, MessageKey key) => Find(topic)?.Find(key.PartitionKey)?.Find(key.Id);

    public long NextSequence() => ++_sequence;

    public long NextToken() => ++_token;

    /// <summary>Changes a partition, which is made where there is none. It is gone when it is empty, and its topic with the last of them.</summary>
    public void Change(string topic, string key, Action<Partition> change)
    {
        if (!_topics.TryGetValue(topic, out var partitions))
        {
            partitions = new TopicPartitions(topic);
            _topics.Add(topic, partitions);
        }

        partitions.Change(key, change);
        if (partitions.IsEmpty)
        {
            _topics.Remove(topic);
        }
    }
}
