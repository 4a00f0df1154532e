namespace BuildRunner.Http;

/// <summary>
/// Provides a store for values of the last 10,000 builds that were added, or of fewer if the values are large.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
/// <typeparam name="TKey">The type that identifies a build at the service.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
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
    /// <param name="lengthOf">Gets the length of a value in characters, to limit all values to 16 million characters together, or
    /// <see langword="null"/> if values are small.</param>
    public RecentBuilds(Func<TValue, int>? lengthOf = null) => _lengthOf = lengthOf;

    /// <summary>
    /// Gets the value of a build.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <returns>The value, or <see langword="null"/> if there is none.</returns>
    public TValue? Find(TKey key)
    {
        lock (_lock)
        {
            return _builds.GetValueOrDefault(key);
        }
    }

    /// <summary>
    /// Gets the value of a build, or adds one.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <param name="value">The value to add if there is none. The builds that were added first may be forgotten for it.</param>
    /// <returns>The value of the build.</returns>
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
