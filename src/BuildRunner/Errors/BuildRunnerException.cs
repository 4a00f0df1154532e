namespace BuildRunner;

/// <summary>The exception that is thrown when a call to a runner fails. A failed build is not an exception: it has the status <see
/// cref="BuildStatus.Failed"/>.</summary>
/// <remarks>
/// <para>
/// From <see cref="IBuildRunner.TriggerAsync"/>, every exception of this type except <see cref="TriggerOutcomeUnknownException"/> means
/// that nothing was created. If it is neither transient nor one of the subclasses, the request is rejected for good: drop it. The exception
/// never contains the runner's credentials.
/// </para>
/// <para>
/// The subclasses are the failures that callers handle differently: <see cref="BuildNotFoundException"/>,
/// <see cref="TriggerOutcomeUnknownException"/> and <see cref="BuildRunnerConfigurationException"/>.
/// </para>
/// </remarks>
public class BuildRunnerException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="BuildRunnerException"/> class.</summary>
    public BuildRunnerException()
        : base("The call to the build runner failed.")
    {
    }

    /// <summary>Initializes a new instance of the <see cref="BuildRunnerException"/> class.</summary>
    /// <param name="message">A message that tells what failed, and what would help.</param>
    public BuildRunnerException(string? message)
        : base(message)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="BuildRunnerException"/> class.</summary>
    /// <param name="message">A message that tells what failed, and what would help.</param>
    /// <param name="innerException">The cause, or <see langword="null"/> for none.</param>
    public BuildRunnerException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Gets the build that the call was about, or <see langword="null"/> if there is none.</summary>
    public BuildId? BuildId { get; init; }

    /// <summary>Gets a value indicating whether the same call may succeed later. <see langword="true"/> only if the runner knows that it
    /// may.</summary>
    public virtual bool IsTransient { get; init; }

    /// <summary>Gets the time that the backend asks the caller to wait, counted from now, or <see langword="null"/> if it did not say. This
    /// is the backend's own figure; zero or less means that the caller may try again at once.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
