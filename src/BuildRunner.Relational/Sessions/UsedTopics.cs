using System.Collections.Concurrent;

namespace BuildRunner.Relational;

/// <summary>Remembers topics whose last publish found an existing partition. Their next publish looks first. Safe for use by several
/// threads.</summary>
internal sealed class UsedTopics
{
    // A program has few topics.
    private readonly ConcurrentDictionary<string, bool> _used = new(StringComparer.Ordinal);

    public bool ContainsAny(IReadOnlyList<TopicKeys> topics) => topics.Any(topic => _used.GetValueOrDefault(topic.Topic));

    /// <summary>Remembers what a publish found.</summary>
    public void Learn(IReadOnlyList<TopicKeys> topics, TopicLocks[] found)
    {
        for (var i = 0; i < found.Length; i++)
        {
            var isUsed = found[i].Messages.Count > 0 || found[i].Partitions.Any(static row => row.ReadyAt != PartitionRow.NeverReady);
            if (_used.GetValueOrDefault(topics[i].Topic) != isUsed)
            {
                _used[topics[i].Topic] = isUsed;
            }
        }
    }
}
