namespace BuildRunner;

/// <summary>
/// Represents a call that failed because of how the runner is set up: its credentials are refused, a permission is missing, the project or pipeline does not exist, or something that it needs on its machine cannot be used.
/// </summary>
/// <remarks>
/// Nothing was created, and neither the request nor the build is at fault. Keep both and try again once a person has mended the setup. Never transient, because the same call fails until then.
/// </remarks>
public class BuildRunnerConfigurationException : BuildRunnerException
{
    /// <summary>
    /// Initializes a new instance of the <see cref="BuildRunnerConfigurationException"/> class.
    /// </summary>
    public BuildRunnerConfigurationException()
        : base("The build runner is not set up correctly.")
    {
    }

    /// <summary>
    /// Initializes a new instance of the <see cref="BuildRunnerConfigurationException"/> class.
    /// </summary>
    /// <param name="message">What is wrong with the setup, and how to mend it. Never the credentials.</param>
    public BuildRunnerConfigurationException(string? message)
        : base(message)
    {
    }

    /// <summary>
    /// Initializes a new instance of the <see cref="BuildRunnerConfigurationException"/> class.
    /// </summary>
    /// <param name="message">What is wrong with the setup, and how to mend it. Never the credentials.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public BuildRunnerConfigurationException(string? message, Exception? innerException)
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
                throw new ArgumentException("A faulty setup is never transient: the same call fails until the setup is mended.", nameof(value));
            }
        }
    }
}
