namespace BuildRunner.Orchestration;

/// <summary>Represents an observer of changed builds.</summary>
/// <remarks><para>Called at least once for every change of a status, with the current build, which may have changed again. Called for one
/// build at a time per owner, unless a process lost its lease or an observer ignored its token. Use <see cref="Build.Id"/> and <see
/// cref="Build.Version"/> to detect repeats.</para>
/// <para>A slow or failing observer delays no build. A failed change is retried with growing pauses, and finally becomes a dead letter of
/// the topic <c>buildchange</c>.</para>
/// <para>Programs implement it, so it gains no members without a default.</para></remarks>
public interface IBuildObserver
{
    /// <summary>Handles a changed build.</summary>
    /// <param name="build">The current build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/>, cancelled after <see cref="BuildObserverOptions.CallTimeout"/>,
    /// when the lease is lost, and when the host stops. An observer that exceeds the timeout has failed; it is abandoned, and the next one
    /// is called.</param>
    /// <returns>A task for the operation. If it fails, the change is retried.</returns>
    Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken);

    /// <summary>Handles the verdict of a group. The default does nothing. Called once for each verdict, but again after a failure or a
    /// crash; use <see cref="BuildGroup.Id"/> to detect repeats.</summary>
    /// <param name="group">The group. With <see cref="BuildGroup.FailFast"/>, some of its members may not have ended yet.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/>, as for <see cref="OnBuildChangedAsync"/>.</param>
    /// <returns>A task for the operation. If it fails, the call is retried.</returns>
    Task OnGroupEndedAsync(BuildGroup group, CancellationToken cancellationToken) => Task.CompletedTask;
}
