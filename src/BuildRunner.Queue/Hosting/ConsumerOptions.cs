namespace BuildRunner.Queue;

/// <summary>Provides options for the consumer of one topic.</summary>
public sealed class ConsumerOptions
{
    /// <summary>Gets or sets the number of failures after which a message becomes a dead letter: 1 to 1000. The default is 5.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Gets or sets the maximum pause after the first failure: zero to 7 days. It doubles with each further failure; the actual
    /// pause is a random part of it. The default is 1 second.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the maximum pause after any failure: <see cref="RetryDelay"/> to 7 days. The default is 5 minutes.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets the maximum number of messages handled at a time in this process: 1 to 10,000. The default is 16.</summary>
    public int Concurrency { get; set; } = 16;

    /// <summary>Gets or sets the maximum time for a handler: more than zero, at most 7 days. The default is 5 minutes.</summary>
    /// <remarks>After this time, the handler's token is cancelled and the message is retried. <see cref="Outcome.Done"/> and
    /// <see cref="Outcome.Reject"/> still hold; <see cref="Outcome.Postpone"/> counts as a failure. After another 5 seconds the handler is
    /// abandoned: it no longer counts towards <see cref="Concurrency"/>, and may still run when its message is handled again.</remarks>
    public TimeSpan HandlerTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets the time after which the messages of a dead process are delivered to another one: 1 second to 1 day. The lease
    /// is renewed while the handler runs. The default is 30 seconds.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the time between polls for messages without a notification: 1 millisecond to 1 hour. The default is 1
    /// second.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    internal RetryPolicy Policy => new(MaxAttempts, RetryDelay, MaxRetryDelay);
}
