using BuildRunner.Git.Changes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Represents a trigger, for every host: pushed to the remote together with the commit, and again when the build has an
/// id.</summary>
/// <param name="Scope">The registration that it belongs to.</param>
/// <param name="Digest">The digest of base and head.</param>
/// <param name="Target">The commit that the target was at.</param>
/// <param name="Changes">The commits of base and head, in order.</param>
/// <param name="CreatedAt">The time of the trigger.</param>
internal sealed record MergedRecord(
    string Scope,
    string Digest,
    string Target,
    IReadOnlyList<AppliedChange> Changes,
    DateTimeOffset CreatedAt)
{
    /// <summary>Gets the merged commit, or <see langword="null"/> if the changes conflict.</summary>
    public string? Commit { get; init; }

    /// <summary>Gets the reference that was pushed for the commit, or <see langword="null"/> if none was.</summary>
    public string? Reference { get; init; }

    /// <summary>Gets the id of the build, or <see langword="null"/> while it has none.</summary>
    public string? BuildId { get; init; }

    /// <summary>Gets the status of a build that exists only here.</summary>
    public BuildStatus? Status { get; init; }

    /// <summary>Gets the metadata of a build that exists only here.</summary>
    public BuildMetadata? Metadata { get; init; }

    /// <summary>Gets the log of a build that exists only here.</summary>
    public string? Note { get; init; }

    /// <summary>Gets a value indicating whether two builds have the id, so that it identifies neither.</summary>
    public bool IsAmbiguous { get; init; }

    /// <summary>Gets the commits of the head.</summary>
    public IEnumerable<AppliedChange> Head => Changes.Where(static change => change.Side == BuildFailedSides.Head);

    /// <summary>Gets a value indicating whether all fields are well-formed. Anybody with push access could have written the record, and its
    /// fields end up in command lines of git.</summary>
    public bool IsWellFormed =>
        GitReference.IsCommitId(Target)
        && Changes.All(static change => GitReference.IsCommitId(change.CommitId) && GitReference.IsReference(change.Reference))
        && (Commit is null || GitReference.IsCommitId(Commit))
        && (Reference is null || GitReference.IsReference(Reference))
        && (BuildId is null ? Commit is not null && Reference is not null : BuildId.Length > 0)
        && (Status is null) == (Metadata is null);

    /// <summary>Determines whether another record is of the same build of the same commit.</summary>
    public bool IsOfSame(MergedRecord other) => (Digest, Commit, BuildId) == (other.Digest, other.Commit, other.BuildId);

    /// <summary>Gets the parent of the record's commit, so that whoever has the record also has what was built.</summary>
    public string Parent => Commit ?? Target;

    /// <exception cref="BuildRunnerException">The record has another base or head.</exception>
    public void ThrowUnlessOf(string digest, string? triggerKey)
    {
        if (Digest != digest)
        {
            throw new BuildRunnerException($"The trigger key '{triggerKey}' belongs to a trigger with another base or head. Use a new key.")
            {
                BuildId = BuildId is { } id ? new BuildId(id) : null,
            };
        }
    }
}
