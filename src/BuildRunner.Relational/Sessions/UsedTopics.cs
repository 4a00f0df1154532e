using System.Collections.Concurrent;

namespace BuildRunner.Relational;

/// <summary>Remembers the topics whose last publish found a message or a partition that was there. The next one is likely to find one,
/// too. Safe for use by several threads.</summary>
internal sealed class UsedTopics
{
    // A program has few topics.
    private readonly ConcurrentDictionary<string, bool> _used = new(StringComparer.Ordinal);

    public bool Contains(string topic) => _used.GetValueOrDefault(topic);

    public void Set(string topic, bool isUsed)
    {
        if (Contains(topic) != isUsed)
        {
            _used[topic] = isUsed;
        }
    }
}
