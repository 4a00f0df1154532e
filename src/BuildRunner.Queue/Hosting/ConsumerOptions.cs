using BuildRunner.Queue.Rules;

namespace BuildRunner.Queue;

/// <summary>
/// Represents how the messages of one topic are consumed.
/// </summary>
public sealed class ConsumerOptions
{
    /// <summary>
    /// Gets or sets with which failure a message becomes a dead letter: 1 to 1000. The default is 5.
    /// </summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>
    /// Gets or sets the longest pause after a first failure: zero or more. It doubles with each further failure, and a random part of it is taken. The default is 1 second.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets the longest pause that there is: <see cref="RetryDelay"/> to 7 days. The default is 5 minutes.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets how many messages are handled at a time in this process: 1 to 10,000. The default is 16.
    /// </summary>
    public int Concurrency { get; set; } = 16;

    /// <summary>
    /// Gets or sets how long a handler may take: more than zero, at most 7 days. The default is 5 minutes.
    /// </summary>
    /// <remarks>
    /// When it has passed, the token of the handler is canceled, and the message is tried again. If the handler then says that the message is done or rejected, that holds; if it postpones it, that counts as a failure. One that has not ended after another 5 seconds is given up, counts towards <see cref="Concurrency"/> no longer, and may still run when its message is handled again.
    /// </remarks>
    public TimeSpan HandlerTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets after which time a message of a process that has ended is delivered to another one: 1 second to 1 day. A lease is renewed while the handler runs. The default is 30 seconds.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets after which time the consumer looks for messages by itself, whatever it was told: 1 millisecond to 1 hour. The default is 1 second.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    internal RetryPolicy Policy => new(MaxAttempts, RetryDelay, MaxRetryDelay);
}
