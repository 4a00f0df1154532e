namespace BuildRunner.Http;

/// <summary>
/// Provides the settings of a <see cref="BatchReader{TKey, TRow}"/>.
/// </summary>
/// <typeparam name="TRow">What is read of a build.</typeparam>
public sealed class BatchReaderOptions<TRow>
{
    /// <summary>
    /// Gets how old an answer may be, from when its request was sent: zero or more. The default is one second. It grows by itself where the rate limit of the service would not last.
    /// </summary>
    public TimeSpan Freshness { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets how many builds one request reads: 1 or more. The default is 100.
    /// </summary>
    public int MaxBatch { get; init; } = 100;

    /// <summary>
    /// Gets how many requests may be under way at the same time: 1 or more. The default is 2. What is asked for meanwhile goes with the next.
    /// </summary>
    public int Concurrency { get; init; } = 2;

    /// <summary>
    /// Gets how long a build is read along with others after it was last asked for: zero or more. The default is 15 seconds, three times the longest usual pause between polls.
    /// </summary>
    public TimeSpan ReadAhead { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets what tells a row that will not change any more, which is not read again; <see langword="null"/> if there is none.
    /// </summary>
    public Func<TRow, bool>? IsFinal { get; init; }
}
