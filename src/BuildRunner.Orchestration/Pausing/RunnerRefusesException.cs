namespace BuildRunner.Orchestration;

/// <summary>Represents the error of a submission to a runner that is paused and refuses new builds.</summary>
public sealed class RunnerRefusesException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="RunnerRefusesException"/> class.</summary>
    public RunnerRefusesException()
        : this("The runner refuses new builds.")
    {
    }

    /// <summary>Initializes a new instance of the <see cref="RunnerRefusesException"/> class.</summary>
    /// <param name="message">The runner, and who paused it and why.</param>
    public RunnerRefusesException(string? message)
        : base(message)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="RunnerRefusesException"/> class.</summary>
    /// <param name="message">The runner, and who paused it and why.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public RunnerRefusesException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Gets the name of the runner, or <see langword="null"/> if it is unknown.</summary>
    public string? Runner { get; init; }

    /// <summary>Gets who paused the runner and why, or <see langword="null"/> if it is unknown.</summary>
    public RunnerPause? Pause { get; init; }
}
