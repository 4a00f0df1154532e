namespace BuildRunner;

/// <summary>The exception that is thrown when a call fails because of the runner's setup: its credentials are refused, a permission is
/// missing, the project or pipeline does not exist, or something on its machine cannot be used.</summary>
/// <remarks>Nothing was created, and neither the request nor the build is to blame. Keep both, and try again once a person has fixed the
/// setup. Never transient: until then the same call fails again.</remarks>
public class BuildRunnerConfigurationException : BuildRunnerException
{
    /// <summary>Initializes a new instance of the <see cref="BuildRunnerConfigurationException"/> class.</summary>
    public BuildRunnerConfigurationException()
        : base("The build runner is not set up correctly.")
    {
    }

    /// <summary>Initializes a new instance of the <see cref="BuildRunnerConfigurationException"/> class.</summary>
    /// <param name="message">A message that tells what is wrong with the setup and how to fix it. Never contains the credentials.</param>
    public BuildRunnerConfigurationException(string? message)
        : base(message)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="BuildRunnerConfigurationException"/> class.</summary>
    /// <param name="message">A message that tells what is wrong with the setup and how to fix it. Never contains the credentials.</param>
    /// <param name="innerException">The cause, or <see langword="null"/> for none.</param>
    public BuildRunnerConfigurationException(string? message, Exception? innerException)
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
                    "A faulty setup is never transient: the same call fails until the setup is fixed.",
                    nameof(value));
            }
        }
    }
}
