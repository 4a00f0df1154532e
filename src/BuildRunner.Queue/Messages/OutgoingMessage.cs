namespace BuildRunner.Queue;

/// <summary>Represents a message to publish, its topic and its delay.</summary>
/// <remarks>Immutable, compared by value, safe for use by several threads.</remarks>
public sealed record OutgoingMessage
{
    /// <summary>The longest delay: 365,000 days, about a thousand years.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(365_000);

    /// <summary>Initializes a new instance of the <see cref="OutgoingMessage"/> class.</summary>
    /// <param name="topic">The topic: 1 to 200 characters.</param>
    /// <param name="message">The message.</param>
    /// <param name="delay">The time for which the message stays invisible. Zero (the default) or less makes it visible at once.</param>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> or <paramref name="message"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is empty or too long, contains U+0000, or is not well-formed
    /// UTF-16.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is more than <see cref="MaxDelay"/>.</exception>
    public OutgoingMessage(string topic, Message message, TimeSpan delay = default)
    {
        BuildRunner.Queue.Topic.ThrowIfInvalid(topic);
        ArgumentNullException.ThrowIfNull(message);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, MaxDelay);
        Topic = topic;
        Message = message;
        Delay = delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
    }

    /// <summary>Gets the topic.</summary>
    public string Topic { get; }

    /// <summary>Gets the message.</summary>
    public Message Message { get; }

    /// <summary>Gets the time for which the message stays invisible: zero or more.</summary>
    public TimeSpan Delay { get; }
}
