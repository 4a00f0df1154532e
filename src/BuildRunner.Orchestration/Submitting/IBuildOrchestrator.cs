namespace BuildRunner.Orchestration;

/// <summary>
/// Provides builds that are followed to their end, whatever process or machine ends meanwhile.
/// </summary>
/// <remarks>Safe for use by several threads. What the database does not do fails with the exception of its driver; whether it was done is
/// not known then, and each method may be called again. It may gain members in a minor version: mock it, do not implement it.</remarks>
public interface IBuildOrchestrator
{
    /// <summary>
    /// Submits a build. When the task completes, the build is saved and will be triggered, polled and ended.
    /// </summary>
    /// <remarks>Waits up to <see cref="Queue.QueueOptions.StartTimeout"/> for a database that this process has not reached yet, because it
    /// starts later than the program. After that, and once the database was reached, it does not wait.</remarks>
    /// <param name="submission">What is wanted.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.
    /// After a cancellation, it is not known whether the build is submitted.</param>
    /// <returns>The new build, or the one that was submitted with the same key before, also at the same time by another process.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="submission"/> or one of its parts is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A part of <paramref name="submission"/> is out of its range, the request has a <see
    /// cref="BuildRequest.TriggerKey"/>, or this process knows runners and none of that name.</exception>
    /// <exception cref="InvalidOperationException">The store says again and again that the key is taken, and finds no build with it: it
    /// does not compare keys exactly.</exception>
    /// <exception cref="BuildKeyConflictException">The key belongs to a build with another runner, owner, request or timeout.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Build> SubmitAsync(BuildSubmission submission, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gets a build.
    /// </summary>
    /// <param name="id">The <see cref="Build.Id"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The build, or <see langword="null"/> if there is none, as when its retention is over.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Build?> GetAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Finds the build that was submitted with a key.
    /// </summary>
    /// <param name="key">The <see cref="Build.Key"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The build, or <see langword="null"/> if there is none, as when its retention is over.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Build?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Requests that a build be cancelled. The request is saved, and repeated to the runner until the build has ended.
    /// </summary>
    /// <param name="id">The <see cref="Build.Id"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.
    /// After a cancellation, it is not known whether the request is saved.</param>
    /// <returns>The build, unchanged if it has ended or is being cancelled already, or <see langword="null"/> if there is none.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Build?> CancelAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Has a build polled half a second later, because something has said that it changed: a webhook. What the signal says beyond that is
    /// not believed.
    /// </summary>
    /// <param name="runner">The name of the runner.</param>
    /// <param name="remoteId">The runner's id of the build.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns><see langword="true"/> if there is such a build, ended or not; <see langword="false"/> if there is none, or its id is not
    /// known yet. That is logged, and the signal is lost; the build is polled at its time.</returns>
    /// <remarks>Any number of signals cause at most one poll more at a time, and two in a second. They do not shorten the pause after a
    /// call that has failed.
    /// Another process sees a signal when it looks at the queue, which is after <see cref="Queue.ConsumerOptions.PollInterval"/> at the
    /// latest.
    /// Where the runner is an <see cref="IBuildStatusReader"/>, the poll is answered by no read that began before the signal, whichever
    /// process makes it; and if the build has not ended, it is polled once more after the <see cref="IBuildStatusReader.Freshness"/>,
    /// because a service may send its signal before it shows what has changed.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<bool> SignalAsync(string runner, BuildId remoteId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lists builds, the newest first unless the query says otherwise.
    /// </summary>
    /// <param name="query">The builds to list, or <see langword="null"/> for the 100 newest of all.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>A page of builds. Its remarks say what the order is within a millisecond.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildPage> ListAsync(BuildQuery? query = null, CancellationToken cancellationToken = default);
}
