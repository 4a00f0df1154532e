namespace BuildRunner.Http;

/// <summary>
/// Represents the options of a <see cref="BatchReader{TKey, TRow}"/>.
/// </summary>
/// <typeparam name="TRow">The type of what is read of a build.</typeparam>
public sealed class BatchReaderOptions<TRow>
{
    /// <summary>
    /// Gets the maximum age of an answer, counted from when its request was sent: zero or more. The default is one second. It grows while
    /// the rate limit of the service would otherwise run out.
    /// </summary>
    public TimeSpan Freshness { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets the maximum number of builds per request: 1 or more. The default is 100.
    /// </summary>
    public int MaxBatch { get; init; } = 100;

    /// <summary>
    /// Gets the maximum number of concurrent requests: 1 or more. The default is 2. Meanwhile, further reads wait for the next request.
    /// </summary>
    public int Concurrency { get; init; } = 2;

    /// <summary>
    /// Gets the time that requests continue to include a build after it was last read: zero or more. The default is 15 seconds, three times
    /// the longest usual delay between polls.
    /// </summary>
    public TimeSpan ReadAhead { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets a function that determines whether a row will never change and need not be read again, or <see langword="null"/> if there are
    /// no such rows.
    /// </summary>
    public Func<TRow, bool>? IsFinal { get; init; }
}
