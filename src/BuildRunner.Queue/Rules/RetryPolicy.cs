namespace BuildRunner.Queue.Rules;

/// <summary>Decides how often a message is tried, and how long the pauses are.</summary>
/// <param name="MaxAttempts">The failure with which a message becomes a dead letter: 1 or more.</param>
/// <param name="BaseDelay">The longest pause after the first failure: zero or more. It doubles with each further one.</param>
/// <param name="MaxDelay">The longest pause there is: <paramref name="BaseDelay"/> or more.</param>
internal sealed record RetryPolicy(int MaxAttempts, TimeSpan BaseDelay, TimeSpan MaxDelay)
{
    /// <summary>Gets the pause after so many failures: a random part of the longest, so that those that failed together do not come again
    /// together.</summary>
    /// <param name="failures">The failures so far: 1 or more.</param>
    /// <param name="random">A random number from 0 to 1.</param>
    public TimeSpan DelayAfter(int failures, double random)
    {
        var longest = Math.Min(BaseDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 64) - 1), MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * random);
    }

    /// <summary>Gets a value indicating whether a message of a topic becomes a dead letter after so many failures. Nothing does in a topic
    /// of dead letters.</summary>
    public bool IsExhausted(string topic, int failures) => failures >= MaxAttempts && !Topic.IsForDeadLetters(topic);
}
