using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Engine;

/// <summary>Describes builds whose changes could not be applied.</summary>
internal static class NotApplied
{
    /// <summary>Gets the outcome of the build and a note for its log.</summary>
    public static (GitBuildOutcome Outcome, string Note) Describe(ApplyResult result)
    {
        switch (result)
        {
            case ApplyResult.Conflict { Paths.Count: > 0 } conflict:
                var paths = string.Join('\n', conflict.Paths);
                var details = KeyValuePair.Create(BuildMetadataKeys.ConflictPaths, paths);
                return (Failed(conflict.Side, details), $"{conflict.CommitId} conflicts with the target or an earlier change in:\n{paths}");
            case ApplyResult.Conflict conflict:
                return (Failed(conflict.Side), $"{conflict.CommitId} conflicts with the target or an earlier change");
            case ApplyResult.Unrelated unrelated:
                return (Failed(unrelated.Side), $"{unrelated.CommitId} has no history in common with the target");
            default:
                throw new InvalidOperationException($"{result} is not a failure.");
        }

        static GitBuildOutcome Failed(string side, params ReadOnlySpan<KeyValuePair<string, string>> details) =>
            GitBuildOutcome.Failed(BuildFailureKinds.Conflict, [KeyValuePair.Create(BuildMetadataKeys.FailedSide, side), .. details]);
    }
}
