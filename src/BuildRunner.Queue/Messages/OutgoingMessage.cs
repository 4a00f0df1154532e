namespace BuildRunner.Queue;

/// <summary>
/// Represents a message together with where it goes and when it becomes visible there.
/// </summary>
/// <remarks>Immutable, compared by value, safe for use by several threads.</remarks>
public sealed record OutgoingMessage
{
    /// <summary>
    /// The longest delay: 365,000 days, about a thousand years.
    /// </summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(365_000);

    /// <summary>
    /// Initializes a new instance of the <see cref="OutgoingMessage"/> class.
    /// </summary>
    /// <param name="topic">Where the message goes: 1 to 200 characters.</param>
    /// <param name="message">The message.</param>
    /// <param name="delay">How long it stays invisible. Zero, which is the default, and less mean not at all.</param>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> or <paramref name="message"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> cannot be the name of a topic; see <see cref="BuildRunner.Queue.Topic.ThrowIfInvalid"/>.</exception>
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

    /// <summary>
    /// Gets where the message goes.
    /// </summary>
    public string Topic { get; }

    /// <summary>
    /// Gets the message.
    /// </summary>
    public Message Message { get; }

    /// <summary>
    /// Gets how long the message stays invisible: zero or more.
    /// </summary>
    public TimeSpan Delay { get; }
}
