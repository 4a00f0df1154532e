namespace BuildRunner.Git.Processes;

/// <summary>The command of a build could not be started.</summary>
internal sealed class CommandNotStartedException(string message, bool inWorkTree, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Gets a value indicating whether the program is one of the work tree, so that a change can be to blame.</summary>
    public bool InWorkTree { get; } = inWorkTree;
}
