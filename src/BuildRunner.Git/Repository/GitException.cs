namespace BuildRunner.Git.Repository;

/// <summary>A run of git that failed where it should not: a fault of the machine or of the repository, not of a change, unless it says so.</summary>
internal sealed class GitException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Gets a value indicating whether what was asked for is at fault: it names a commit that cannot be had.</summary>
    public bool IsOfRequest { get; init; }

    /// <summary>Gets a value indicating whether the same may succeed later.</summary>
    public bool IsTransient { get; init; }
}
