namespace BuildRunner;

/// <summary>
/// Represents a runner that reads many builds with one request, so that a status may be a little older than the call that it answers.
/// </summary>
/// <remarks>
/// <para>
/// Found with <see cref="BuildRunnerExtensions.As{T}"/>. A runner that implements it says that its reads are shared: a call of
/// <see cref="IBuildRunner.StatusAsync"/> is no request of its own, and a caller need not spare the service by making fewer. How old a status
/// is counts from when its read began. Ages are durations, so the clocks of several processes need not agree.
/// </para>
/// <para>
/// <see cref="BuildRunnerExtensions.As{T}"/> does not look for it behind a decorator, because what a decorator does to a status would be
/// left out. A decorator implements it to pass it on; otherwise each call of its <see cref="IBuildRunner.StatusAsync"/> counts as a
/// request. Safe for concurrent use. Runners implement it, so it gains no members.
/// </para>
/// </remarks>
public interface IBuildStatusReader
{
    /// <summary>
    /// Gets how old the status that <see cref="IBuildRunner.StatusAsync"/> returns may be at present: zero or more. It may grow where the
    /// service allows few requests.
    /// </summary>
    TimeSpan Freshness { get; }

    /// <summary>
    /// Gets the status of a build from a read that began no longer than a time ago.
    /// </summary>
    /// <param name="buildId">The build.</param>
    /// <param name="maxAge">How long ago the read may have begun: zero for one that begins after this call. A status that is terminal may
    /// be older, because it does not change.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>What the runner knows of the build.</returns>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxAge"/> is negative.</exception>
    /// <exception cref="BuildNotFoundException">The runner does not know the build.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default);
}
