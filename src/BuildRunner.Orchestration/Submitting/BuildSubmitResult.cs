namespace BuildRunner.Orchestration;

/// <summary>Represents what became of one of several submissions: a build or an error.</summary>
/// <remarks>Immutable.</remarks>
public sealed class BuildSubmitResult
{
    internal BuildSubmitResult(Build build) => Build = build;

    internal BuildSubmitResult(Exception error) => Error = error;

    /// <summary>Gets the new build, or the one that was submitted with the same key before, or <see langword="null"/> if there is an
    /// error.</summary>
    public Build? Build { get; }

    /// <summary>Gets the exception with which <see cref="IBuildOrchestrator.SubmitAsync"/> would have failed, or <see langword="null"/> if
    /// there is a build.</summary>
    public Exception? Error { get; }
}
