namespace BuildRunner;

/// <summary>The exception that is thrown when the backend does not know a build, no longer keeps it, or does not show it to the runner's
/// credentials.</summary>
public class BuildNotFoundException : BuildRunnerException
{
    /// <summary>Initializes a new instance of the <see cref="BuildNotFoundException"/> class.</summary>
    public BuildNotFoundException()
        : base("The build was not found.")
    {
    }

    /// <summary>Initializes a new instance of the <see cref="BuildNotFoundException"/> class.</summary>
    /// <param name="message">A message that tells what was not found, and where.</param>
    public BuildNotFoundException(string? message)
        : base(message)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="BuildNotFoundException"/> class.</summary>
    /// <param name="message">A message that tells what was not found, and where.</param>
    /// <param name="innerException">The cause, or <see langword="null"/> for none.</param>
    public BuildNotFoundException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="BuildNotFoundException"/> class for a build.</summary>
    /// <param name="buildId">The build that was not found, or <see langword="default"/>, which leaves
    /// <see cref="BuildRunnerException.BuildId"/> <see langword="null"/>.</param>
    public BuildNotFoundException(BuildId buildId)
        : base($"The build '{buildId}' was not found, or is not visible to this runner.") =>
            BuildId = buildId.IsDefault ? null : buildId;
}
