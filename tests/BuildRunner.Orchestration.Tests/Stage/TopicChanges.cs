using System.Collections.Concurrent;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>Counts for each topic what may have something become due sooner than was said. A process does not look before that time where nothing was counted since, as a host does not that is woken.</summary>
internal sealed class TopicChanges
{
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public int Of(string topic) => _counts.GetValueOrDefault(topic);

    /// <summary>Makes a call, and counts what it does to topics, whether it succeeds or not.</summary>
    public async Task<T> CountAsync<T>(IEnumerable<string> topics, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        finally
        {
            foreach (var topic in topics)
            {
                _counts.AddOrUpdate(topic, 1, static (_, count) => count + 1);
            }
        }
    }

    public Task<T> CountAsync<T>(IReadOnlyList<OutgoingMessage> publications, Func<Task<T>> call) => CountAsync(publications.Select(static publication => publication.Topic), call);
}
