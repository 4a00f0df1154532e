namespace BuildRunner;

/// <summary>Represents a runner that reads many builds with one request, so a status may be slightly older than the call that returns
/// it.</summary>
/// <remarks>
/// <para>
/// Use <see cref="BuildRunnerExtensions.As{T}"/> to find it. It tells callers that reads are shared: <see cref="IBuildRunner.StatusAsync"/>
/// does not cost a request per call, so making fewer calls does not spare the service. The age of a status is counted from the moment its
/// read began. Ages are durations, so the clocks of several processes need not agree.
/// </para>
/// <para>
/// <see cref="BuildRunnerExtensions.As{T}"/> does not look for it behind a decorator, because that would bypass what the decorator does to
/// a status. A decorator implements it to pass it on; otherwise, each call of its <see cref="IBuildRunner.StatusAsync"/> counts as a
/// request. Safe for concurrent use. Runners implement it, so it gains no members.
/// </para>
/// </remarks>
public interface IBuildStatusReader
{
    /// <summary>Gets the maximum age of the status that <see cref="IBuildRunner.StatusAsync"/> returns at present: zero or more. It may
    /// grow while the service allows few requests.</summary>
    TimeSpan Freshness { get; }

    /// <summary>Gets the status of a build from a read that began at most <paramref name="maxAge"/> ago.</summary>
    /// <param name="buildId">The build.</param>
    /// <param name="maxAge">The maximum time since the read began; zero for a read that begins after this call. A terminal status may be
    /// older, because it does not change.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The snapshot, never <see langword="null"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxAge"/> is negative.</exception>
    /// <exception cref="BuildNotFoundException">The runner does not know the build.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default);
}
