namespace BuildRunner.Queue.InMemory;

/// <summary>Stores the topics that have messages. Used only under the lock of the database.</summary>
internal sealed class MemoryStore
{
    private readonly Dictionary<string, MemoryTopic> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<long, MemoryMessage> _messages = [];
    private long _sequence;

    public (int Topics, int Partitions, int Messages) Size =>
        (_topics.Count, _topics.Values.Sum(static topic => topic.Count), _messages.Count);

    public MemoryTopic? Find(string topic) => _topics.GetValueOrDefault(topic);

    public MessageRow? Find(long sequence) => _messages.GetValueOrDefault(sequence);

    public void Write(QueueChanges changes)
    {
        foreach (var (topic, row) in changes.Partitions)
        {
            Write(topic, row);
        }

        foreach (var sequence in changes.Replaced)
        {
            Delete(sequence);
        }

        foreach (var copy in changes.Copies)
        {
            var source = _messages[copy.Sequence];
            var content = source.Content! with { Cause = copy.Cause };
            Insert(copy.Topic, source.PartitionKey, source.Id, copy.VisibleAfter, copy.PublishedAt, content);
        }

        foreach (var row in changes.Updates)
        {
            // It is a copy of what it replaces.
            var (message, partition) = ((MemoryMessage)row, _messages[row.Sequence].Partition);
            partition.Remove(_messages[row.Sequence]);
            partition.Add(message);
            _messages[row.Sequence] = message;
        }

        foreach (var sequence in changes.Deletes)
        {
            Delete(sequence);
        }

        foreach (var insert in changes.Inserts)
        {
            // The program may reuse its buffer.
            var message = insert.Message.Payload.IsEmpty
                ? insert.Message
                : insert.Message with { Payload = insert.Message.Payload.ToArray() };
            Insert(insert.Topic, message.PartitionKey, message.Id, insert.VisibleAfter, insert.PublishedAt, new(message, Cause: null));
        }

        foreach (var (topic, key) in changes.EmptyPartitions)
        {
            Remove(topic, key);
        }
    }

    private void Delete(long sequence)
    {
        _messages.Remove(sequence, out var message);
        message!.Partition.Remove(message);
    }

    private void Write(string topic, PartitionRow row)
    {
        if (!_topics.TryGetValue(topic, out var partitions))
        {
            partitions = new MemoryTopic();
            _topics.Add(topic, partitions);
        }

        partitions.Write(row);
    }

    /// <summary>Removes a partition, and its topic with the last partition.</summary>
    private void Remove(string topic, string key)
    {
        if (_topics.TryGetValue(topic, out var partitions))
        {
            partitions.Remove(key);
            if (partitions.Count == 0)
            {
                _topics.Remove(topic);
            }
        }
    }

    private void Insert(string topic, string partitionKey, string id, long visibleAfter, long publishedAt, MessageContent content)
    {
        var partition = _topics[topic].Find(partitionKey)!;
        MemoryMessage message = new(++_sequence, partition, id)
        {
            VisibleAfter = visibleAfter,
            PublishedAt = publishedAt,
            Content = content,
        };
        partition.Add(message);
        _messages.Add(message.Sequence, message);
    }
}
