namespace BuildRunner.Git.Merged;

/// <summary>Represents the implementation of merged refs, independent of the platform.</summary>
internal interface IMergedRefsEngine
{
    /// <summary>Merges and pushes the changes of a request, and triggers a build of the commit.</summary>
    Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken);

    /// <summary>Gets the status of a build from its record or from the CI.</summary>
    Task<BuildSnapshot> StatusAsync(BuildId buildId, Func<BuildId, Task<BuildSnapshot>> ask, CancellationToken cancellationToken);

    /// <summary>Gets the log of a build that exists only here, or <see langword="null"/> if the CI has the build.</summary>
    Task<Stream?> FindLogAsync(BuildId buildId, CancellationToken cancellationToken);

    /// <summary>Determines whether a build exists only here and not at the CI.</summary>
    Task<bool> IsOwnAsync(BuildId buildId, CancellationToken cancellationToken);

    /// <summary>Finds the build of a trigger key.</summary>
    Task<BuildId?> FindAsync(string triggerKey, IBuildFinder finder, CancellationToken cancellationToken);

    /// <summary>Gets the commit of a build.</summary>
    Task<string?> FindCommitAsync(BuildId buildId, CancellationToken cancellationToken);

    /// <summary>Moves the target to the commit of a build.</summary>
    Task<LandingResult> LandAsync(BuildId buildId, CancellationToken cancellationToken);

    /// <summary>Gets the commits of the target and of other branches.</summary>
    Task<IReadOnlyDictionary<string, string>> ReadTipsAsync(IEnumerable<string> branches, CancellationToken cancellationToken);

    /// <summary>Determines whether a commit is in the history of another.</summary>
    Task<bool> IsInHistoryAsync(string tip, string commitId, CancellationToken cancellationToken);

    /// <summary>Starts the periodic clean-up.</summary>
    void Start();
}
