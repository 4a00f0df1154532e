namespace BuildRunner.Git.Storage;

/// <summary>Represents the work of a build by the options of the runner that was triggered, whichever process runs it.</summary>
/// <param name="Command">The command.</param>
/// <param name="Timeout">The time limit.</param>
/// <param name="AttributesFailures">Whether the side of a failure is determined.</param>
internal sealed record BuildJob(IReadOnlyList<string> Command, TimeSpan Timeout, bool AttributesFailures)
{
    public static BuildJob Of(GitBuildRunnerOptions options) => new([.. options.Command], options.Timeout, options.AttributeFailures);
}
