namespace BuildRunner;

/// <summary>
/// Represents a CI system, or anything else that builds changes: triggers a build, tells how it stands, and cancels it.
/// </summary>
/// <remarks>
/// <para>
/// The numbers in brackets are the clauses of the contract. Those that hold for every member:
/// </para>
/// <list type="bullet">
/// <item><description>[A1] Every member is safe for concurrent use. Instances are long-lived singletons, and callers do not dispose them.</description></item>
/// <item><description>[A2] The token abandons the call, never the remote build. <see cref="OperationCanceledException"/> leaves a runner only when the caller's token is cancelled; any other, such as a time-out of HTTP, is a transient <see cref="BuildRunnerException"/>, or <see cref="TriggerOutcomeUnknownException"/> from a trigger. A call that completes synchronously need not look at the token.</description></item>
/// <item><description>[A3] <see cref="BuildRunnerException.IsTransient"/> is <see langword="true"/> only where the runner knows it, and <see cref="BuildRunnerException.RetryAfter"/> is the vendor's own figure.</description></item>
/// <item><description>[A4] The runner's own credentials never appear in an exception, in metadata, in a log line or in a trace.</description></item>
/// <item><description>[A5] Where the runner can tell that its setup is at fault, every member throws a <see cref="BuildRunnerConfigurationException"/>: its credentials are refused, a permission is missing, or the project or pipeline does not exist. The same instance works again once the setup is mended.</description></item>
/// </list>
/// <para>
/// The interface has three members and keeps them. It grows by properties of <see cref="BuildRequest"/> and <see cref="BuildSnapshot"/> and by side interfaces such as <see cref="IBuildFinder"/>, which <see cref="BuildRunnerExtensions.As{T}"/> finds.
/// </para>
/// </remarks>
public interface IBuildRunner
{
    /// <summary>
    /// Triggers a build of the request's head on its base.
    /// </summary>
    /// <param name="request">What to build. Empty lists are legal.</param>
    /// <param name="cancellationToken">A token that abandons the call. After that the outcome is unknown: a build may have been created.</param>
    /// <returns>The id under which the build is known from now on.</returns>
    /// <remarks>
    /// <list type="bullet">
    /// <item><description>[T1] Applies <see cref="BuildRequest.Base"/> and then <see cref="BuildRequest.Head"/>, in order, on top of the target branch that the runner is bound to, and validates the resulting tree as a whole.</description></item>
    /// <item><description>[T2] Returns promptly; does not wait for the build to end.</description></item>
    /// <item><description>[T3] The id is not default, is unique within its backend and is never used again there, also under concurrency. (A <see cref="NoopBuildRunner"/> promises that per instance only.)</description></item>
    /// <item><description>[T5] Once the call has returned, <see cref="StatusAsync"/> of the id resolves, until the backend's own retention removes the build.</description></item>
    /// <item><description>[T6] <see cref="BuildRequest.Metadata"/> is opaque: behaviour never depends on a key. A runner that echoes metadata gives it back in every snapshot.</description></item>
    /// <item><description>[T7] A runner that finds builds by key (<see cref="IBuildFinder"/>) answers a later trigger with the same <see cref="BuildRequest.TriggerKey"/> with the same id for as long as the backend keeps the build; one whose trigger is idempotent does so also concurrently, across instances and after a lost answer. Either refuses the same key with another base or head. A terminal build keeps its key; a retry needs a new one. Any other runner ignores the key.</description></item>
    /// <item><description>[T8] A create is sent at most once per call, by any layer. The one exception is an answer that proves that nothing was created, such as a 401 or a refused session: the runner may log in and send the create once more.</description></item>
    /// </list>
    /// </remarks>
    /// <exception cref="ArgumentNullException">[T4] <paramref name="request"/> is <see langword="null"/>.</exception>
    /// <exception cref="TriggerOutcomeUnknownException">[T8] The answer was lost: a build may have been created.</exception>
    /// <exception cref="BuildRunnerConfigurationException">[A5] The runner is not set up correctly. Nothing was created, and the request is not at fault.</exception>
    /// <exception cref="BuildRunnerException">[T4] The request is refused for good (not transient), or the call failed for now (transient). Nothing was created.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gets what is known of a build now.
    /// </summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>The snapshot, never <see langword="null"/>.</returns>
    /// <remarks>
    /// <list type="bullet">
    /// <item><description>[S2] A native state that the runner does not know is <see cref="BuildStatus.Unknown"/>, which is not terminal; never a guess.</description></item>
    /// <item><description>[S3] A runner never reopens a terminal build by itself, and keeps to the attempt where the backend counts attempts. Of a build that was reopened by hand the caller keeps the first terminal status. <see cref="BuildStatus.Running"/> may become <see cref="BuildStatus.Accepted"/> again: a worker was lost.</description></item>
    /// <item><description>[S4] <see cref="BuildStatus.Failed"/> is every end on the runner's side that is neither success nor cancel; <see cref="BuildMetadataKeys.FailureKind"/> should say which.</description></item>
    /// <item><description>[S5] <see cref="BuildMetadataKeys.FailedSide"/> should say whether base or head broke, where the runner can tell.</description></item>
    /// </list>
    /// </remarks>
    /// <exception cref="ArgumentException">[S1] <paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildNotFoundException">[S1] The build is not known, or not visible to the runner's credentials.</exception>
    /// <exception cref="BuildRunnerConfigurationException">[A5] The runner is not set up correctly. It says nothing about the build.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Requests that a build be stopped.
    /// </summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>A task that completes when the request has reached the backend.</returns>
    /// <remarks>
    /// <list type="bullet">
    /// <item><description>[C1] Returns when the request has reached the backend, not when the build has stopped.</description></item>
    /// <item><description>[C2] Does nothing to a terminal build, and may be repeated. A 2xx may still be a refusal, or be about an id that never was: where it may, the runner reads the state before and after.</description></item>
    /// <item><description>[C3] A refusal is never taken for "already terminal": the runner reads the state after it, and unless that is terminal it throws a transient <see cref="BuildRunnerException"/>.</description></item>
    /// <item><description>[C4] An accepted cancel should lead to a terminal status. Callers repeat it until then, and keep a deadline.</description></item>
    /// </list>
    /// </remarks>
    /// <exception cref="ArgumentException">[C2] <paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildNotFoundException">[C2] The build is not known, or not visible to the runner's credentials.</exception>
    /// <exception cref="BuildRunnerConfigurationException">[A5] The runner is not set up correctly. It says nothing about the build.</exception>
    /// <exception cref="BuildRunnerException">[C3] The request was refused or the call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default);
}
