using System.Collections.Concurrent;

namespace BuildRunner.Http;

/// <summary>
/// Provides what a process remembers of builds: of the last 10,000 that it has met.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
/// <typeparam name="TKey">What names a build at the service.</typeparam>
/// <typeparam name="TValue">What is remembered of a build.</typeparam>
public sealed class RecentBuilds<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private const int MaxBuilds = 10_000;

    private readonly ConcurrentDictionary<TKey, TValue> _builds = new();
    private readonly ConcurrentQueue<TKey> _byAge = new();

    /// <summary>
    /// Gets what is remembered of a build.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <returns>What is remembered, or <see langword="null"/> if nothing is.</returns>
    public TValue? Find(TKey key) => _builds.GetValueOrDefault(key);

    /// <summary>
    /// Gets what is remembered of a build, or remembers something of it.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <param name="value">What to remember if nothing is yet. The build that was met the longest ago is then forgotten.</param>
    /// <returns>What is remembered.</returns>
    public TValue GetOrAdd(TKey key, TValue value)
    {
        var known = _builds.GetOrAdd(key, value);
        if (ReferenceEquals(known, value))
        {
            _byAge.Enqueue(key);
            while (_byAge.Count > MaxBuilds && _byAge.TryDequeue(out var oldest))
            {
                _builds.TryRemove(oldest, out _);
            }
        }

        return known;
    }
}
