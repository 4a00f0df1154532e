namespace BuildRunner.Queue;

/// <summary>
/// Represents why a message could not be handled. It goes with the message when that becomes a dead letter.
/// </summary>
/// <remarks>Immutable, compared by value. Reason and type are cut to 1 KiB together, as UTF-8.</remarks>
public sealed record Failure
{
    private const int MaxTypeBytes = 256;
    private const int MaxReasonBytes = 768;

    /// <summary>
    /// Initializes a new instance of the <see cref="Failure"/> class.
    /// </summary>
    /// <param name="reason">Why, for a person. What is too long is cut.</param>
    /// <param name="type">Why, for a program: a word of the handler's own choice, or the name of the type of an exception. What is too long is cut. The default is empty.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reason"/> or <paramref name="type"/> is <see langword="null"/>.</exception>
    public Failure(string reason, string type = "")
    {
        ArgumentNullException.ThrowIfNull(reason);
        ArgumentNullException.ThrowIfNull(type);
        Reason = QueueText.Bounded(reason, MaxReasonBytes);
        Type = QueueText.Bounded(type, MaxTypeBytes);
    }

    /// <summary>
    /// Gets why, for a person.
    /// </summary>
    public string Reason { get; }

    /// <summary>
    /// Gets why, for a program. Empty where nothing was said, never <see langword="null"/>.
    /// </summary>
    public string Type { get; }

    /// <summary>
    /// Makes the failure that an exception is.
    /// </summary>
    /// <param name="exception">The exception.</param>
    /// <returns>The failure with the message and the full name of the type of <paramref name="exception"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> is <see langword="null"/>.</exception>
    public static Failure From(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new(exception.Message, exception.GetType().FullName ?? exception.GetType().Name);
    }
}
