using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Engine;

/// <summary>Says what becomes of a build whose changes could not be applied.</summary>
internal static class NotApplied
{
    /// <summary>Gets the outcome, and a sentence for the log.</summary>
    public static (GitBuildOutcome Outcome, string Note) Describe(ApplyResult result)
    {
        switch (result)
        {
            case ApplyResult.Conflict { Paths.Count: > 0 } conflict:
                var paths = string.Join('\n', conflict.Paths);
                return (Failed(conflict.Side, KeyValuePair.Create(BuildMetadataKeys.ConflictPaths, paths)), $"{conflict.CommitId} conflicts with what it is applied to in:\n{paths}");
            case ApplyResult.Conflict conflict:
                return (Failed(conflict.Side), $"{conflict.CommitId} conflicts with what it is applied to");
            case ApplyResult.Unrelated unrelated:
                return (Failed(unrelated.Side), $"{unrelated.CommitId} has no history in common with what it is applied to");
            default:
                throw new InvalidOperationException($"{result} is no failure.");
        }

        static GitBuildOutcome Failed(string side, params ReadOnlySpan<KeyValuePair<string, string>> details) =>
            GitBuildOutcome.Failed(BuildFailureKinds.Conflict, [KeyValuePair.Create(BuildMetadataKeys.FailedSide, side), .. details]);
    }
}
