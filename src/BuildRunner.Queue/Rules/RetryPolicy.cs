namespace BuildRunner.Queue.Rules;

/// <summary>Decides how often something is tried, and the pauses between tries. The first pause doubles with each further
/// failure.</summary>
internal sealed record RetryPolicy(int MaxAttempts, TimeSpan BaseDelay, TimeSpan MaxDelay)
{
    /// <summary>Gets the pause after a number of failures: a random part of the maximum, to spread messages that failed together.</summary>
    public TimeSpan DelayAfter(int failures, double random)
    {
        var longest = Math.Min(BaseDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 64) - 1), MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * random);
    }

    /// <summary>Determines whether a message becomes a dead letter after a number of failures. In a dead-letter topic none does.</summary>
    public bool IsExhausted(string topic, int failures) => failures >= MaxAttempts && !Topic.IsForDeadLetters(topic);
}
