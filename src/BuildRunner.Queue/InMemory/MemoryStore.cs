namespace BuildRunner.Queue.InMemory;

/// <summary>Stores the topics that have messages. Used only under the lock of the database.</summary>
internal sealed class MemoryStore
{
    private readonly Dictionary<string, MemoryTopic> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (MemoryPartition Partition, MessageRow Row)> _messages = [];
    private long _sequence;

    public (int Topics, int Partitions, int Messages) Size =>
        (_topics.Count, _topics.Values.Sum(static topic => topic.Count), _messages.Count);

    public MemoryTopic? Find(string topic) => _topics.GetValueOrDefault(topic);

    public MessageRow? Find(long sequence) => _messages.TryGetValue(sequence, out var message) ? message.Row : null;

    public void Insert(MessageInsert insert)
    {
        // The program may reuse its buffer.
        var message = insert.Message;
        var copy = message with { Payload = message.Payload.ToArray() };
        Insert(
            insert.Topic, message.PartitionKey, message.Id, insert.VisibleAfter, insert.PublishedAt, new MessageContent(copy, Cause: null));
    }

    public void Insert(MessageCopy copy)
    {
        var source = _messages[copy.Sequence].Row;
        Insert(
            copy.Topic, source.PartitionKey, source.Id, copy.VisibleAfter, copy.PublishedAt, source.Content! with { Cause = copy.Cause });
    }

    public void Update(MessageRow row)
    {
        var (partition, old) = _messages[row.Sequence];
        partition.Replace(old, row);
        _messages[row.Sequence] = (partition, row);
    }

    public void Delete(long sequence)
    {
        _messages.Remove(sequence, out var message);
        message.Partition.Remove(message.Row);
    }

    public void Write((string Topic, PartitionRow Partition) change) => Open(change.Topic).Write(change.Partition);

    /// <summary>Removes a partition, and its topic with the last partition.</summary>
    public void Remove((string Topic, string Key) partition)
    {
        if (_topics.TryGetValue(partition.Topic, out var topic))
        {
            topic.Remove(partition.Key);
            if (topic.Count == 0)
            {
                _topics.Remove(partition.Topic);
            }
        }
    }

    private void Insert(string topic, string partitionKey, string id, long visibleAfter, long publishedAt, MessageContent content)
    {
        MessageRow row = new(++_sequence, partitionKey, id) { VisibleAfter = visibleAfter, PublishedAt = publishedAt, Content = content };
        var partition = Open(topic).Open(partitionKey);
        partition.Add(row);
        _messages.Add(row.Sequence, (partition, row));
    }

    private MemoryTopic Open(string topic)
    {
        if (!_topics.TryGetValue(topic, out var partitions))
        {
            partitions = new MemoryTopic();
            _topics.Add(topic, partitions);
        }

        return partitions;
    }
}
