namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents how often a message is tried, and how long the pauses are.
/// </summary>
/// <param name="MaxAttempts">With which failure a message becomes a dead letter: 1 or more.</param>
/// <param name="BaseDelay">The longest pause after the first failure: zero or more. It doubles with each further one.</param>
/// <param name="MaxDelay">The longest pause there is: <paramref name="BaseDelay"/> or more.</param>
/// <remarks>Immutable, compared by value.</remarks>
internal sealed record RetryPolicy(int MaxAttempts, TimeSpan BaseDelay, TimeSpan MaxDelay)
{
    /// <summary>
    /// Gets the pause after a failure: a random part of the longest, so that those that failed together do not come again together.
    /// </summary>
    /// <param name="failures">How many failures there were: 1 or more.</param>
    /// <param name="random">A random number from 0 to 1.</param>
    /// <returns>The pause.</returns>
    public TimeSpan DelayAfter(int failures, double random)
    {
        var longest = Math.Min(BaseDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 64) - 1), MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * random);
    }

    /// <summary>
    /// Gets a value indicating whether a message is not tried again.
    /// </summary>
    /// <param name="topic">The topic of the message. From one of dead letters nothing becomes a dead letter again.</param>
    /// <param name="failures">How many failures there were.</param>
    /// <returns><see langword="true"/> if the message becomes a dead letter; otherwise, <see langword="false"/>.</returns>
    public bool IsExhausted(string topic, int failures) => failures >= MaxAttempts && !Topic.IsForDeadLetters(topic);
}
