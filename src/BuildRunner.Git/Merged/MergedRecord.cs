using BuildRunner.Git.Changes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>What is known of a trigger, on every host: written to the remote together with the commit, and once more when the build has its id.</summary>
/// <param name="Scope">The registration that it is of.</param>
/// <param name="Digest">Of base and head.</param>
/// <param name="Target">The commit that the target was at.</param>
/// <param name="Changes">The commits of base and head, in order, and where they were taken from.</param>
/// <param name="CreatedAt">When.</param>
internal sealed record MergedRecord(string Scope, string Digest, string Target, IReadOnlyList<AppliedChange> Changes, DateTimeOffset CreatedAt)
{
    /// <summary>Gets the commit that everything was merged to, or <see langword="null"/> where that could not be done.</summary>
    public string? Commit { get; init; }

    /// <summary>Gets the reference that was pushed for the commit, or <see langword="null"/> where none was.</summary>
    public string? Reference { get; init; }

    /// <summary>Gets the build, or <see langword="null"/> while it has no id.</summary>
    public string? BuildId { get; init; }

    /// <summary>Gets how a build has ended that no CI knows.</summary>
    public BuildStatus? Status { get; init; }

    /// <summary>Gets what is told of a build that no CI knows.</summary>
    public BuildMetadata? Metadata { get; init; }

    /// <summary>Gets the output of a build that no CI knows.</summary>
    public string? Note { get; init; }

    /// <summary>Gets a value indicating whether the id is that of two builds, so that neither can be told by it.</summary>
    public bool IsAmbiguous { get; init; }

    /// <summary>Gets the commits of the head.</summary>
    public IEnumerable<AppliedChange> Head => Changes.Where(static change => change.Side == BuildFailedSides.Head);

    /// <summary>Gets a value indicating whether everything in it has the form that it must have. Anybody who may push could have written it, and it goes to command lines of git.</summary>
    public bool IsWellFormed =>
        GitReference.IsCommitId(Target)
        && Changes.All(static change => GitReference.IsCommitId(change.CommitId) && GitReference.IsReference(change.Reference))
        && (Commit is null || GitReference.IsCommitId(Commit))
        && (Reference is null || GitReference.IsReference(Reference))
        && (BuildId is null ? Commit is not null && Reference is not null : BuildId.Length > 0)
        && (Status is null) == (Metadata is null);

    /// <summary>Determines whether another record is of the same build of the same commit.</summary>
    public bool IsOfSame(MergedRecord other) => (Digest, Commit, BuildId) == (other.Digest, other.Commit, other.BuildId);

    /// <summary>Gets what holds the record from being deleted by a garbage collector, and what is kept by it.</summary>
    public string Parent => Commit ?? Target;

    /// <exception cref="BuildRunnerException">The record is that of another base or head.</exception>
    public void ThrowUnlessOf(string digest, string? triggerKey)
    {
        if (Digest != digest)
        {
            throw new BuildRunnerException($"The trigger key '{triggerKey}' is that of a trigger with another base or head; take a new key.")
            {
                BuildId = BuildId is { } id ? new BuildId(id) : null,
            };
        }
    }
}
