namespace BuildRunner;

/// <summary>
/// Represents a trigger whose answer was lost: a build may have been created, or not.
/// </summary>
/// <remarks>
/// Never transient, because triggering again may create a second build. The way out, where the runner implements <see cref="IBuildFinder"/>, is to look up the key or to trigger again with the same one.
/// </remarks>
public class TriggerOutcomeUnknownException : BuildRunnerException
{
    /// <summary>
    /// Initializes a new instance of the <see cref="TriggerOutcomeUnknownException"/> class.
    /// </summary>
    public TriggerOutcomeUnknownException()
        : base("The answer to the trigger was lost; a build may have been created.")
    {
    }

    /// <summary>
    /// Initializes a new instance of the <see cref="TriggerOutcomeUnknownException"/> class.
    /// </summary>
    /// <param name="message">How the answer was lost.</param>
    public TriggerOutcomeUnknownException(string? message)
        : base(message)
    {
    }

    /// <summary>
    /// Initializes a new instance of the <see cref="TriggerOutcomeUnknownException"/> class.
    /// </summary>
    /// <param name="message">How the answer was lost.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public TriggerOutcomeUnknownException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// Gets <see langword="false"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The value is <see langword="true"/>.</exception>
    public override bool IsTransient
    {
        get => false;
        init
        {
            if (value)
            {
                throw new ArgumentException("A trigger whose outcome is unknown is never transient: repeating it may create a second build.", nameof(value));
            }
        }
    }
}
