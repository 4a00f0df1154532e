namespace BuildRunner;

/// <summary>The exception that is thrown when the answer to a trigger is lost: a build may or may not have been created.</summary>
/// <remarks>Never transient, because triggering again may create a second build. If the runner implements <see cref="IBuildFinder"/>, look
/// up the trigger key, or trigger again with the same key.</remarks>
public class TriggerOutcomeUnknownException : BuildRunnerException
{
    /// <summary>Initializes a new instance of the <see cref="TriggerOutcomeUnknownException"/> class.</summary>
    public TriggerOutcomeUnknownException()
        : base("The answer to the trigger was lost; a build may have been created.")
    {
    }

    /// <summary>Initializes a new instance of the <see cref="TriggerOutcomeUnknownException"/> class.</summary>
    /// <param name="message">A message that tells how the answer was lost.</param>
    public TriggerOutcomeUnknownException(string? message)
        : base(message)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="TriggerOutcomeUnknownException"/> class.</summary>
    /// <param name="message">A message that tells how the answer was lost.</param>
    /// <param name="innerException">The cause, or <see langword="null"/> for none.</param>
    public TriggerOutcomeUnknownException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Gets a value indicating whether the same call may succeed later. Always <see langword="false"/>.</summary>
    /// <exception cref="ArgumentException">The value is <see langword="true"/>.</exception>
    public override bool IsTransient
    {
        get => false;
        init
        {
            if (value)
            {
                throw new ArgumentException(
                    "A lost answer to a trigger is never transient: triggering again may create a second build.",
                    nameof(value));
            }
        }
    }
}
