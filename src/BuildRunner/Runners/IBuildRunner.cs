namespace BuildRunner;

/// <summary>Represents a runner of CI builds: triggers a build, returns its status, and cancels it.</summary>
/// <remarks>
/// <para>
/// The codes in brackets number the clauses of the contract. These hold for every member:
/// </para>
/// <list type="bullet">
/// <item><description>[A1] Every member is safe for concurrent use. Instances are long-lived singletons, and callers do not dispose
/// them.</description></item>
/// <item><description>[A2] The token abandons the call, never the remote build. A runner throws <see cref="OperationCanceledException"/>
/// only if the caller's token is cancelled. Any other cancellation, such as an HTTP timeout, becomes a transient
/// <see cref="BuildRunnerException"/>, or a <see cref="TriggerOutcomeUnknownException"/> from a trigger. A call that completes
/// synchronously may ignore the token.</description></item>
/// <item><description>[A3] <see cref="BuildRunnerException.IsTransient"/> is <see langword="true"/> only if the runner knows it.
/// <see cref="BuildRunnerException.RetryAfter"/> is the vendor's own figure.</description></item>
/// <item><description>[A4] The runner's own credentials never appear in an exception, metadata, a log or a trace.</description></item>
/// <item><description>[A5] Every member throws a <see cref="BuildRunnerConfigurationException"/> if the runner can tell that its setup is
/// at fault: its credentials are refused, a permission is missing, or the project or pipeline does not exist. The same instance works again
/// once the setup is fixed.</description></item>
/// </list>
/// <para>
/// The interface will keep exactly these three members. New features become properties of <see cref="BuildRequest"/> and
/// <see cref="BuildSnapshot"/>, or side interfaces such as <see cref="IBuildFinder"/>; use <see cref="BuildRunnerExtensions.As{T}"/> to
/// find those.
/// </para>
/// </remarks>
public interface IBuildRunner
{
    /// <summary>Triggers a build of the request's head on its base.</summary>
    /// <param name="request">The request. Its lists may be empty.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>. Cancelling abandons the call: a build may have been created.</param>
    /// <returns>The id of the build.</returns>
    /// <remarks>
    /// <list type="bullet">
    /// <item><description>[T1] Applies <see cref="BuildRequest.Base"/> and then <see cref="BuildRequest.Head"/>, in order, on top of the
    /// target branch that the runner is bound to, and validates the resulting tree as a whole.</description></item>
    /// <item><description>[T2] Returns promptly, without waiting for the build to end.</description></item>
    /// <item><description>[T3] The id is not default. It is unique within its backend and never reused there, even under concurrency. (A
    /// <see cref="NoopBuildRunner"/> guarantees that per instance only.)</description></item>
    /// <item><description>[T5] Once the call has returned, <see cref="StatusAsync"/> resolves the id, until the backend's own retention
    /// removes the build.</description></item>
    /// <item><description>[T6] <see cref="BuildRequest.Metadata"/> is opaque: behaviour never depends on a key. A runner that echoes
    /// metadata includes it in every snapshot.</description></item>
    /// <item><description>[T7] If the runner finds builds by key (<see cref="IBuildFinder"/>), a later trigger with the same
    /// <see cref="BuildRequest.TriggerKey"/> returns the same id for as long as the backend keeps the build. If its trigger is idempotent,
    /// this also holds concurrently, across instances and after a lost answer. A runner of either kind rejects a known key with another
    /// base or head. A terminal build keeps its key; a retry needs a new one. Other runners ignore the key.</description></item>
    /// <item><description>[T8] A create is sent at most once per call, by any layer. The one exception is an answer that proves that
    /// nothing was created, such as a 401 or a refused session: the runner may log in and send the create once more.</description></item>
    /// </list>
    /// </remarks>
    /// <exception cref="ArgumentNullException">[T4] <paramref name="request"/> is <see langword="null"/>.</exception>
    /// <exception cref="TriggerOutcomeUnknownException">[T8] The answer was lost: a build may have been created.</exception>
    /// <exception cref="BuildRunnerConfigurationException">[A5] The runner is not set up correctly. Nothing was created, and the request is
    /// not to blame.</exception>
    /// <exception cref="BuildRunnerException">[T4] The request is rejected for good (not transient), or the call failed for now
    /// (transient). Nothing was created.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default);

    /// <summary>Gets the current status of a build.</summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The snapshot, never <see langword="null"/>.</returns>
    /// <remarks>
    /// <list type="bullet">
    /// <item><description>[S2] A native state that the runner does not know is <see cref="BuildStatus.Unknown"/>, which is not terminal;
    /// never a guess.</description></item>
    /// <item><description>[S3] A runner never reopens a terminal build, and keeps reporting the same attempt if the backend counts
    /// attempts. If a person reopens a build, the caller keeps the first terminal status. <see cref="BuildStatus.Running"/> may become
    /// <see cref="BuildStatus.Accepted"/> again if a worker is lost.</description></item>
    /// <item><description>[S4] <see cref="BuildStatus.Failed"/> is any end on the runner's side that is neither success nor cancellation;
    /// <see cref="BuildMetadataKeys.FailureKind"/> should tell which.</description></item>
    /// <item><description>[S5] <see cref="BuildMetadataKeys.FailedSide"/> should tell whether base or head broke, if the runner can
    /// tell.</description></item>
    /// </list>
    /// </remarks>
    /// <exception cref="ArgumentException">[S1] <paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildNotFoundException">[S1] The build is not known, or not visible to the runner's credentials.</exception>
    /// <exception cref="BuildRunnerConfigurationException">[A5] The runner is not set up correctly. This says nothing about the
    /// build.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default);

    /// <summary>Requests cancellation of a build.</summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>A task that completes when the request has reached the backend.</returns>
    /// <remarks>
    /// <list type="bullet">
    /// <item><description>[C1] Returns when the request has reached the backend, not when the build has stopped.</description></item>
    /// <item><description>[C2] Does nothing to a terminal build, and may be repeated. If a 2xx of the backend may also mean a refusal, or
    /// an id that never existed, the runner reads the state before and after.</description></item>
    /// <item><description>[C3] A refusal is never mistaken for "already terminal": the runner reads the state after it, and throws a
    /// transient <see cref="BuildRunnerException"/> unless that state is terminal.</description></item>
    /// <item><description>[C4] An accepted cancel should lead to a terminal status. Callers repeat it until then, and set a
    /// deadline.</description></item>
    /// </list>
    /// </remarks>
    /// <exception cref="ArgumentException">[C2] <paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildNotFoundException">[C2] The build is not known, or not visible to the runner's credentials.</exception>
    /// <exception cref="BuildRunnerConfigurationException">[A5] The runner is not set up correctly. This says nothing about the
    /// build.</exception>
    /// <exception cref="BuildRunnerException">[C3] The request was refused or the call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default);
}
