namespace BuildRunner.Git.Repository;

/// <summary>The exception that is thrown when git fails unexpectedly. Unless it says otherwise, the machine or the repository is at fault,
/// not a change.</summary>
internal sealed class GitException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Gets a value indicating whether the request is at fault, because it names a commit that cannot be fetched.</summary>
    public bool IsOfRequest { get; init; }

    /// <summary>Gets a value indicating whether another attempt may succeed.</summary>
    public bool IsTransient { get; init; }
}
