using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>What is known of a trigger, on every host: written to the remote together with the commit, and once more when the build has its id.</summary>
/// <param name="Digest">Of base and head.</param>
/// <param name="Target">The commit that the target was at.</param>
/// <param name="Head">The commits of the head, and where they were taken from.</param>
/// <param name="CreatedAt">When.</param>
internal sealed record MergedRecord(string Digest, string Target, IReadOnlyList<AppliedChange> Head, DateTimeOffset CreatedAt)
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
