namespace BuildRunner.Http;

/// <summary>
/// Provides what a process remembers of builds: of the 10,000 that were added last, or fewer where that is much.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
/// <typeparam name="TKey">What names a build at the service.</typeparam>
/// <typeparam name="TValue">What is remembered of a build.</typeparam>
public sealed class RecentBuilds<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private const int MaxBuilds = 10_000;
    private const long MaxLength = 16 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<TKey, TValue> _builds = [];
    private readonly Func<TValue, int>? _lengthOf;
    private long _length;

    /// <summary>
    /// Initializes a new instance of the <see cref="RecentBuilds{TKey, TValue}"/> class.
    /// </summary>
    /// <param name="lengthOf">Gives the count of characters of what is remembered of a build, which together are 16 million at most; <see langword="null"/> where that is little.</param>
    public RecentBuilds(Func<TValue, int>? lengthOf = null) => _lengthOf = lengthOf;

    /// <summary>
    /// Gets what is remembered of a build.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <returns>What is remembered, or <see langword="null"/> if nothing is.</returns>
    public TValue? Find(TKey key)
    {
        lock (_lock)
        {
            return _builds.GetValueOrDefault(key);
        }
    }

    /// <summary>
    /// Gets what is remembered of a build, or remembers something of it.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <param name="value">What to remember if nothing is yet. The builds that were added first are then forgotten.</param>
    /// <returns>What is remembered.</returns>
    public TValue GetOrAdd(TKey key, TValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
        {
            if (_builds.TryGetValue(key, out var known))
            {
                return known;
            }

            _builds.Add(key, value);
            _length += LengthOf(value);
            while (_builds.Count > 1 && (_builds.Count > MaxBuilds || _length > MaxLength))
            {
                _length -= LengthOf(_builds.GetAt(0).Value);
                _builds.RemoveAt(0);
            }

            return value;
        }
    }

    /// <summary>
    /// Forgets a build.
    /// </summary>
    /// <param name="key">The build.</param>
    public void Forget(TKey key)
    {
        lock (_lock)
        {
            if (_builds.Remove(key, out var value))
            {
                _length -= LengthOf(value);
            }
        }
    }

    private int LengthOf(TValue value) => _lengthOf?.Invoke(value) ?? 0;
}
