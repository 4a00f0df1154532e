namespace BuildRunner.Git;

/// <summary>Defines what a runner with merged refs can do beyond building: find the commit of a build, and land it.</summary>
/// <remarks>Get it with <see cref="BuildRunnerExtensions.As{T}"/> from a runner that <c>AddMergedRefs</c> decorates. Safe for concurrent
/// use. It may gain members in a minor version: mock it, do not implement it.</remarks>
public interface IMergedRefs
{
    /// <summary>Finds the commit that a build is of: the target, with base and head merged onto it.</summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The full commit id, or <see langword="null"/> if the build has no commit because of a conflict, or if its record does not
    /// exist or is no longer kept.</returns>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The remote, the repository or the state directory cannot be used.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<string?> FindCommitAsync(BuildId buildId, CancellationToken cancellationToken = default);

    /// <summary>Moves the target to the commit of a build, in one step that changes nothing if a reference has changed meanwhile.</summary>
    /// <param name="buildId">The build. The caller must make sure that it has succeeded.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>. After a cancellation it is unknown whether the target was moved; call again to find
    /// out.</param>
    /// <returns>The result. The build lands if the target is at the commit that everything was merged onto or at the merge of the request's
    /// first changes. It also counts as landed if the target contains the commit already.</returns>
    /// <remarks>Landing is refused if the build has no commit, if the CI does not know the build, if two builds have the id, or if the
    /// record contradicts the CI or the merged changes. It is blocked if the target is a symbolic reference or is checked out in a
    /// repository of this machine, or if the server rejects the push, for example because the branch is protected.</remarks>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildNotFoundException">The record of the build does not exist or is no longer kept.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The remote, the repository or the state directory cannot be used.</exception>
    /// <exception cref="BuildRunnerException">The call failed. It is unknown whether the target was moved; call again to find
    /// out.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<LandingResult> LandAsync(BuildId buildId, CancellationToken cancellationToken = default);

    /// <summary>Reads the target and other branches from the remote in one call.</summary>
    /// <param name="branches">Branches such as <c>main</c>, or full references. The target is always included.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The full commit ids by the given names, and that of the target by its name in the options. Missing branches are left
    /// out.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="branches"/> is <see langword="null"/>.</exception>
    /// <exception cref="BuildRunnerConfigurationException">Nothing can land on the target, because it does not exist, is a symbolic
    /// reference, or is checked out in a repository of this machine; or the remote, the repository or the state directory cannot be
    /// used.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IReadOnlyDictionary<string, string>> ReadTipsAsync(IEnumerable<string> branches, CancellationToken cancellationToken = default);

    /// <summary>Determines whether a commit is the tip itself or in its history.</summary>
    /// <param name="tip">The full id of the commit that has the history, such as a tip of the target.</param>
    /// <param name="commitId">The full id of the commit to search for.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns><see langword="true"/> if it is; otherwise, <see langword="false"/>, also if the commit no longer exists.</returns>
    /// <exception cref="ArgumentException">An argument is not a full commit id.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The remote, the repository or the state directory cannot be used.</exception>
    /// <exception cref="BuildRunnerException">The call failed, for example because the remote does not have
    /// <paramref name="tip"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<bool> IsInHistoryAsync(string tip, string commitId, CancellationToken cancellationToken = default);
}
