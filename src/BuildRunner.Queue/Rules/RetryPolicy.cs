namespace BuildRunner.Queue.Rules;

/// <summary>Decides how often a message is tried, and the pauses between tries.</summary>
/// <param name="MaxAttempts">The number of failures after which a message becomes a dead letter: 1 or more.</param>
/// <param name="BaseDelay">The maximum pause after the first failure: zero or more. It doubles with each further failure.</param>
/// <param name="MaxDelay">The maximum pause after any failure: <paramref name="BaseDelay"/> or more.</param>
internal sealed record RetryPolicy(int MaxAttempts, TimeSpan BaseDelay, TimeSpan MaxDelay)
{
    /// <summary>Gets the pause after a number of failures: a random part of the maximum, to spread messages that failed together.</summary>
    /// <param name="failures">The failures so far: 1 or more.</param>
    /// <param name="random">A random number from 0 to 1.</param>
    public TimeSpan DelayAfter(int failures, double random)
    {
        var longest = Math.Min(BaseDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 64) - 1), MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * random);
    }

    /// <summary>Determines whether a message becomes a dead letter after a number of failures. In a dead-letter topic none does.</summary>
    public bool IsExhausted(string topic, int failures) => failures >= MaxAttempts && !Topic.IsForDeadLetters(topic);
}
