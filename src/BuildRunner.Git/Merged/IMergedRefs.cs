namespace BuildRunner.Git;

/// <summary>
/// Defines what a runner with merged refs can do beyond building: tell the commit that a build is of, and land it.
/// </summary>
/// <remarks>
/// Found with <see cref="BuildRunnerExtensions.As{T}"/> on a runner that <c>AddMergedRefs</c> decorates. Safe for concurrent use.
/// <para>
/// It may gain members in a minor version: mock it, do not implement it.
/// </para>
/// </remarks>
public interface IMergedRefs
{
    /// <summary>
    /// Finds the commit that a build is of: the target, with base and head merged onto it.
    /// </summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>The full id of the commit, or <see langword="null"/> if the build has none because of a conflict, or if there is no record of it or none any more.</returns>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The remote, the repository or the state directory cannot be used.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<string?> FindCommitAsync(BuildId buildId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves the target to the commit of a build, in one step that changes nothing where something is not as it was found.
    /// </summary>
    /// <param name="buildId">The build. Whether it has succeeded is for the caller to know.</param>
    /// <param name="cancellationToken">A token that abandons the call. Whether the target was moved is not known then; calling again tells.</param>
    /// <returns>What has come of it. It has landed if the target was at the commit that everything was merged onto, or at the merge of what comes first in the request; and also if the target had the commit already.</returns>
    /// <remarks>Refused are builds without a commit, a build that the CI does not know, a record that says otherwise than the CI or than what the changes are merged to, an id that two builds have, a head whose reference is not at the commit that was built any more, and a target that stands for another reference or that is checked out in a repository of this machine; and what the server refuses, such as a push to a protected branch.</remarks>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildNotFoundException">There is no record of the build, or none any more.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The remote, the repository or the state directory cannot be used.</exception>
    /// <exception cref="BuildRunnerException">The call failed. Whether the target was moved is not known; calling again tells.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<LandingResult> LandAsync(BuildId buildId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads the target and other branches at the remote, all at once.
    /// </summary>
    /// <param name="branches">Branches such as <c>main</c>, or full references. The target need not be among them.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>The full ids of their commits, by the names that were given, and that of the target by the name that the options have for it. A branch that is not there is not among them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="branches"/> is <see langword="null"/>.</exception>
    /// <exception cref="BuildRunnerConfigurationException">Nothing can land on the target: it is not there, stands for another reference, or is checked out in a repository of this machine. Or the remote, the repository or the state directory cannot be used.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IReadOnlyDictionary<string, string>> ReadTipsAsync(IEnumerable<string> branches, CancellationToken cancellationToken = default);

    /// <summary>
    /// Determines whether a commit is another one, or in its history.
    /// </summary>
    /// <param name="tip">The full id of the commit whose history is looked through, such as a tip of the target.</param>
    /// <param name="commitId">The full id of the commit that is looked for.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns><see langword="true"/> if it is; otherwise, also where there is no such commit any more, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentException">An argument is not the full id of a commit.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The remote, the repository or the state directory cannot be used.</exception>
    /// <exception cref="BuildRunnerException">The call failed, such as where the remote does not have <paramref name="tip"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<bool> IsInHistoryAsync(string tip, string commitId, CancellationToken cancellationToken = default);
}
