namespace BuildRunner;

/// <summary>
/// Represents a call to a runner that failed. A build that failed is no exception; it has the status <see cref="BuildStatus.Failed"/>.
/// </summary>
/// <remarks>
/// <para>
/// From <see cref="IBuildRunner.TriggerAsync"/>, every exception of this type but <see cref="TriggerOutcomeUnknownException"/> means that nothing was created. One that is not transient and none of the subclasses means that the request is refused for good: drop it. The exception never carries the runner's credentials.
/// </para>
/// <para>
/// Its subclasses are what a caller handles differently: <see cref="BuildNotFoundException"/>, <see cref="TriggerOutcomeUnknownException"/> and <see cref="BuildRunnerConfigurationException"/>.
/// </para>
/// </remarks>
public class BuildRunnerException : Exception
{
    /// <summary>
    /// Initializes a new instance of the <see cref="BuildRunnerException"/> class.
    /// </summary>
    public BuildRunnerException()
        : base("The call to the build runner failed.")
    {
    }

    /// <summary>
    /// Initializes a new instance of the <see cref="BuildRunnerException"/> class.
    /// </summary>
    /// <param name="message">What failed, and what would help.</param>
    public BuildRunnerException(string? message)
        : base(message)
    {
    }

    /// <summary>
    /// Initializes a new instance of the <see cref="BuildRunnerException"/> class.
    /// </summary>
    /// <param name="message">What failed, and what would help.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public BuildRunnerException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// Gets the build that the call was about, or <see langword="null"/> if there is none.
    /// </summary>
    public BuildId? BuildId { get; init; }

    /// <summary>
    /// Gets a value indicating whether the same call may succeed later. <see langword="true"/> only where the runner knows it.
    /// </summary>
    public virtual bool IsTransient { get; init; }

    /// <summary>
    /// Gets how long the backend asks to be left alone, counted from now, or <see langword="null"/> if it said nothing. The backend's own figure: zero and less mean at once.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }
}
