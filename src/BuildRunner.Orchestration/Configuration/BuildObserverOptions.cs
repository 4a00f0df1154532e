namespace BuildRunner.Orchestration;

/// <summary>
/// Represents how observers are told of changes.
/// </summary>
/// <remarks>Validated when the host starts. One set of options holds for all observers of a process.</remarks>
public sealed class BuildObserverOptions
{
    /// <summary>
    /// Gets or sets how long each observer may take for one change: more than zero, at most 1 day, and for all observers together less than
    /// 7 days. The default is 5 minutes.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets with which failure a change becomes a dead letter of the topic <see cref="BuildTopics.Change"/>: 1 to 1000. The default
    /// is 200, which takes eight hours on average, because an owner that is not told of an end waits for ever.
    /// </summary>
    public int MaxAttempts { get; set; } = 200;

    /// <summary>
    /// Gets or sets the longest pause after a first failure: zero to 7 days. It doubles with each further failure, and a random part of it
    /// is taken. The default is 2 seconds.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets the longest pause that there is: <see cref="RetryDelay"/> to 7 days. The default is 5 minutes.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets of how many owners changes are told at a time in this process: 1 to 10,000. The default is 16.
    /// </summary>
    public int Concurrency { get; set; } = 16;
}
