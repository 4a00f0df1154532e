namespace BuildRunner.Orchestration;

/// <summary>
/// Represents someone who is told when a build changes.
/// </summary>
/// <remarks>
/// <para>
/// Told at least once of every change of a status: what it is given is the build as it is by then, which may have changed again. One build
/// at a time per owner, unless a process lost its lease or an observer ignored its token; <see cref="Build.Id"/> and <see
/// cref="Build.Version"/> tell what was seen before.
/// </para>
/// <para>
/// An observer that is slow or fails delays no build. What fails is tried again with growing pauses, and becomes a dead letter of the topic
/// <c>buildchange</c>.
/// </para>
/// <para>
/// Programs implement it, so it gains no members.
/// </para>
/// </remarks>
public interface IBuildObserver
{
    /// <summary>
    /// Takes note of a build that has changed.
    /// </summary>
    /// <param name="build">The build as it is now.</param>
    /// <param name="cancellationToken">Cancelled when <see cref="BuildObserverOptions.CallTimeout"/> has passed, when the lease
    /// was lost, and when the host stops. An observer that has not ended when that time has passed has failed; it is not waited for, and
    /// the next one is told.</param>
    /// <returns>A task for the operation. An exception is a failure, which is tried again.</returns>
    Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken);
}
