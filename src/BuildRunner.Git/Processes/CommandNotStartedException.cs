namespace BuildRunner.Git.Processes;

/// <summary>The exception that is thrown when the command of a build cannot be started.</summary>
internal sealed class CommandNotStartedException(string message, bool inWorkTree, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Gets a value indicating whether the program is in the work tree, so that a change may be to blame.</summary>
    public bool InWorkTree { get; } = inWorkTree;
}
