namespace BuildRunner.Orchestration;

/// <summary>Represents the options of observers.</summary>
/// <remarks>Validated when the host starts. All observers of a process share them.</remarks>
public sealed class BuildObserverOptions
{
    /// <summary>Gets or sets the time limit of each observer for one change: more than zero, at most 1 day, and less than 7 days for all
    /// observers together. The default is 5 minutes.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets the number of attempts before a change becomes a dead letter of the topic <c>buildchange</c>: 1 to 1000. The
    /// default is 200, eight hours on average, because an owner that misses an end waits forever.</summary>
    public int MaxAttempts { get; set; } = 200;

    /// <summary>Gets or sets the maximum pause after the first failure: zero to 7 days. It doubles with each further failure; the actual
    /// pause is a random part of it. The default is 2 seconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets the maximum pause after any failure: <see cref="RetryDelay"/> to 7 days. The default is 5 minutes.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets the number of owners whose changes this process handles at a time: 1 to 10,000. The default is 16.</summary>
    public int Concurrency { get; set; } = 16;
}
