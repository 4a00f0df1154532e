namespace BuildRunner.Queue;

/// <summary>Represents the reason that a message could not be handled. A dead letter keeps it.</summary>
/// <remarks>Immutable, compared by value. As UTF-8, the reason is cut to 768 bytes and the type to 256.</remarks>
public sealed record Failure
{
    private const int MaxTypeBytes = 256;
    private const int MaxReasonBytes = 768;

    /// <summary>Initializes a new instance of the <see cref="Failure"/> class.</summary>
    /// <param name="reason">The reason, for people. Cut if too long.</param>
    /// <param name="type">The type, for programs: a word that the handler chooses, or an exception type. Cut if too long. The default is
    /// empty.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reason"/> or <paramref name="type"/> is <see langword="null"/>.</exception>
    public Failure(string reason, string type = "")
    {
        ArgumentNullException.ThrowIfNull(reason);
        ArgumentNullException.ThrowIfNull(type);
        Reason = QueueText.Bounded(reason, MaxReasonBytes);
        Type = QueueText.Bounded(type, MaxTypeBytes);
    }

    /// <summary>Gets the reason, for people.</summary>
    public string Reason { get; }

    /// <summary>Gets the type, for programs. It can be empty, but is never <see langword="null"/>.</summary>
    public string Type { get; }

    /// <summary>Creates a failure from an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>A failure with the message and the full type name of <paramref name="exception"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> is <see langword="null"/>.</exception>
    public static Failure From(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new(exception.Message, exception.GetType().FullName ?? exception.GetType().Name);
    }
}
