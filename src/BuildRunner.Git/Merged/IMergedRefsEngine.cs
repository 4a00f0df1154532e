namespace BuildRunner.Git.Merged;

/// <summary>What merged refs do, whatever machine the program was compiled for.</summary>
internal interface IMergedRefsEngine
{
    /// <summary>Merges and pushes the changes of a request, and triggers a build of the commit.</summary>
    Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken);

    /// <summary>Gets how a build stands, from its record or from who builds it.</summary>
    Task<BuildSnapshot> StatusAsync(BuildId buildId, Func<BuildId, Task<BuildSnapshot>> ask, CancellationToken cancellationToken);

    /// <summary>Gets the output of a build that no CI knows, or <see langword="null"/> where the build is not of this decorator.</summary>
    Task<Stream?> FindLogAsync(BuildId buildId, CancellationToken cancellationToken);

    /// <summary>Determines whether a build is one that no CI knows.</summary>
    Task<bool> IsOwnAsync(BuildId buildId, CancellationToken cancellationToken);

    /// <summary>Gets the build that has a key.</summary>
    Task<BuildId?> FindAsync(string triggerKey, IBuildFinder finder, CancellationToken cancellationToken);

    /// <summary>Gets the commit of a build.</summary>
    Task<string?> FindCommitAsync(BuildId buildId, CancellationToken cancellationToken);

    /// <summary>Moves the target to the commit of a build.</summary>
    Task<LandingResult> LandAsync(BuildId buildId, CancellationToken cancellationToken);

    /// <summary>Gets the commits of the target and of other branches.</summary>
    Task<IReadOnlyDictionary<string, string>> ReadTipsAsync(IEnumerable<string> branches, CancellationToken cancellationToken);

    /// <summary>Determines whether a commit is in the history of another.</summary>
    Task<bool> IsInHistoryAsync(string tip, string commitId, CancellationToken cancellationToken);

    /// <summary>Begins to delete now and then what is not needed any more.</summary>
    void Start();
}
