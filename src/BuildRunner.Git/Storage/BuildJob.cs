namespace BuildRunner.Git.Storage;

/// <summary>What is to be done for a build: that of the runner which was asked, whichever process on the state directory runs it.</summary>
/// <param name="Command">The command.</param>
/// <param name="Timeout">How long a run may take.</param>
/// <param name="AttributesFailures">Whether a failure is attributed to a side.</param>
internal sealed record BuildJob(IReadOnlyList<string> Command, TimeSpan Timeout, bool AttributesFailures)
{
    public static BuildJob Of(GitBuildRunnerOptions options) => new([.. options.Command], options.Timeout, options.AttributeFailures);
}
