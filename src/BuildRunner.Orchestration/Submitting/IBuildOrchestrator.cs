namespace BuildRunner.Orchestration;

/// <summary>Represents a service that follows builds to their end, even if processes or machines fail.</summary>
/// <remarks>Safe for use by several threads. Methods fail with the exceptions of the database driver. After one, it is unknown whether the
/// change was saved; every method can be called again.
/// The interface may gain members in a minor version: mock it, do not implement it.</remarks>
public interface IBuildOrchestrator
{
    /// <summary>Submits a build. When the task completes, the build is saved, and will be triggered and followed to its end.</summary>
    /// <remarks>Waits up to <see cref="Queue.QueueOptions.StartTimeout"/> for a database that starts after the program. Once the database
    /// has been reached, it does not wait.</remarks>
    /// <param name="submission">The build to submit.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. After a cancellation, it
    /// is unknown whether the build was submitted.</param>
    /// <returns>The new build, or the one that was submitted with the same key before, even concurrently by another process.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="submission"/> or one of its parts is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A value of <paramref name="submission"/> is out of range, the request has a <see
    /// cref="BuildRequest.TriggerKey"/>, or this process knows runners but not this one.</exception>
    /// <exception cref="InvalidOperationException">The store repeatedly reports that the key exists but finds no build with it: it does not
    /// compare keys exactly.</exception>
    /// <exception cref="BuildKeyConflictException">The key belongs to a build with another runner, owner, request, limit or <see
    /// cref="BuildSubmission.Retry"/>.</exception>
    /// <exception cref="TimeoutException">The builds that it supersedes changed all the time. It was not submitted.</exception>
    /// <exception cref="RunnerRefusesException">The runner is paused and refuses new builds.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Build> SubmitAsync(BuildSubmission submission, CancellationToken cancellationToken = default);

    /// <summary>Submits several builds in few transactions, much faster than one after the other. Each has its own outcome. When the task
    /// completes, the builds of the result are saved, and will be triggered and followed to their ends.</summary>
    /// <param name="submissions">The builds to submit: 1 to 1000. None may have <see cref="BuildSubmission.Supersedes"/>. Of several with
    /// one key, the first is submitted, and the others are answered as if they had been submitted after it.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. After a cancellation, it
    /// is unknown whether the builds were submitted.</param>
    /// <returns>For each submission, in order, what <see cref="SubmitAsync"/> would have returned or thrown. One that is invalid, whose key
    /// belongs to another build, or that the database refuses, for example because it is too large, does not affect the others.</returns>
    /// <remarks>A transaction has up to 250 builds, on SQLite all of them. If the database is lost meanwhile, all builds of its transaction
    /// have the exception of the driver, and may be saved. If the task fails, some of the builds may be saved. Submit them again in both
    /// cases.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="submissions"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="submissions"/> is empty or has more than 1000.</exception>
    /// <exception cref="InvalidOperationException">The store repeatedly reports that a key exists but finds no build with it.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IReadOnlyList<BuildSubmitResult>> SubmitAllAsync(
        IReadOnlyList<BuildSubmission> submissions, CancellationToken cancellationToken = default);

    /// <summary>Submits a group of builds with one verdict. When the task completes, the group and all of its builds are saved, and will be
    /// followed to their ends. If one cannot be submitted, none is.</summary>
    /// <param name="submission">The group to submit.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. After a cancellation, it
    /// is unknown whether the group was submitted.</param>
    /// <returns>The new group, or the one that was submitted with the same key before.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="submission"/> or one of its parts is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A value of <paramref name="submission"/> or of a member is out of range.</exception>
    /// <exception cref="RunnerRefusesException">The runner of a member refuses builds.</exception>
    /// <exception cref="BuildKeyConflictException">The key belongs to another group, or that of a member to a build that is not in the
    /// group. Or the group of the key is deleted and some of its builds are not, as after <see
    /// cref="BuildOrchestrationOptions.Retention"/> was changed: then the key is free once they are deleted, too.</exception>
    /// <exception cref="InvalidOperationException">The store repeatedly reports that a key exists but finds no build with it.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildGroup> SubmitGroupAsync(BuildGroupSubmission submission, CancellationToken cancellationToken = default);

    /// <summary>Gets a build.</summary>
    /// <param name="id">The <see cref="Build.Id"/>.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The build, or <see langword="null"/> if it does not exist or its retention is over.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Build?> GetAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Finds the build that was submitted with a key.</summary>
    /// <param name="key">The <see cref="Build.Key"/>.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The build, or <see langword="null"/> if it does not exist or its retention is over.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Build?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Requests cancellation of a build. The request is saved, and sent to the runner until the build has ended.</summary>
    /// <param name="id">The <see cref="Build.Id"/>.</param>
    /// <param name="reason">Who cancels the build and why, up to 1000 characters, for the note and the history of the build, or <see
    /// langword="null"/>.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. After a cancellation, it
    /// is unknown whether the request was saved.</param>
    /// <returns>The build, unchanged if it has ended or is already being cancelled, or <see langword="null"/> if it does not
    /// exist.</returns>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is too long.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Build?> CancelAsync(Guid id, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Gets a group.</summary>
    /// <param name="key">The <see cref="BuildGroup.Key"/>.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The group, or <see langword="null"/> if it does not exist or its retention is over. It learns of the end of a member
    /// shortly afterwards.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildGroup?> GetGroupAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Requests cancellation of a group and all of its members. The request is saved, and sent to the runners until the members
    /// have ended.</summary>
    /// <param name="key">The <see cref="BuildGroup.Key"/>.</param>
    /// <param name="reason">Who cancels the group and why, up to 1000 characters, or <see langword="null"/>.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. After a cancellation, it
    /// is unknown whether the request was saved.</param>
    /// <returns>The group, unchanged if it has ended or is already being cancelled, or <see langword="null"/> if it does not
    /// exist.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is too long.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildGroup?> CancelGroupAsync(string key, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Gets what happened to a build, the first first. It is kept as long as the build.</summary>
    /// <param name="id">The <see cref="Build.Id"/>.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The history, empty if the build does not exist or its retention is over. Of a build that changed very often, some 16 KiB
    /// from its beginning, and 4 KiB more of its attempts and its end.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IReadOnlyList<BuildEvent>> GetHistoryAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Polls a build half a second later, because a webhook reported a change. Nothing else in the signal is trusted.</summary>
    /// <param name="runner">The name of the runner.</param>
    /// <param name="remoteId">The runner's id of the build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns><see langword="true"/> if the build exists, ended or not; <see langword="false"/> if it does not, or its id is not known
    /// yet. Then the signal is logged and ignored, and the build is polled as usual.</returns>
    /// <remarks>Any number of signals cause at most one extra poll at a time, and two per second. They do not shorten the pause after a
    /// failed call. Another process sees a signal within <see cref="Queue.ConsumerOptions.PollInterval"/>. If the runner is an <see
    /// cref="IBuildStatusReader"/>, no read that began before the signal answers the poll, in any process. If the build has not ended, it
    /// is polled again after <see cref="IBuildStatusReader.Freshness"/>, because a service may signal a change before it shows
    /// it.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<bool> SignalAsync(string runner, BuildId remoteId, CancellationToken cancellationToken = default);

    /// <summary>Waits until a build has ended.</summary>
    /// <remarks>An end in this process is seen at once. An end in another process is seen when the build is next read, every five to six
    /// seconds. The wait ends with this process, but the build continues. Use an <see cref="IBuildObserver"/> for what must happen when it
    /// ends.</remarks>
    /// <param name="id">The <see cref="Build.Id"/>.</param>
    /// <param name="options">The timeout, which also cancels a read of the store, and the clock, or <see langword="null"/> for no timeout
    /// and the registered <see cref="TimeProvider"/>.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. It does not cancel the
    /// build.</param>
    /// <returns>The ended build.</returns>
    /// <exception cref="KeyNotFoundException">The build does not exist, or its retention is over.</exception>
    /// <exception cref="TimeoutException">The build did not end within <see cref="BuildWaitOptions.Timeout"/>. It continues.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Build> WaitForCompletionAsync(Guid id, BuildWaitOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Lists builds, the newest first unless the query says otherwise.</summary>
    /// <param name="query">The builds to list, or <see langword="null"/> for the 100 newest.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>A page of builds. <see cref="BuildPage"/> describes their order.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildPage> ListAsync(BuildQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Pauses a runner in all processes. The pause is saved, and lasts until it is ended.</summary>
    /// <remarks>While a runner is held, no build is triggered. A call that has begun goes on. Other processes refuse builds within a
    /// second. A pause replaces the one before.</remarks>
    /// <param name="runner">The name of the runner: 1 to 100 characters.</param>
    /// <param name="pause">Who pauses the runner, how, and why.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is <see
    /// cref="CancellationToken.None"/>. After a cancellation, it is unknown whether the pause was saved.</param>
    /// <returns>The state of the runner.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/>, <paramref name="pause"/> or <see cref="RunnerPause.By"/> is <see
    /// langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="runner"/> or a value of <paramref name="pause"/> is out of range, the pause
    /// neither holds nor refuses builds, or this process knows runners but not this one.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<RunnerState> PauseRunnerAsync(string runner, RunnerPause pause, CancellationToken cancellationToken = default);

    /// <summary>Ends the pause of a runner in all processes. Nothing changes if it is not paused.</summary>
    /// <remarks>When a hold ends, the builds that wait are triggered within the limits of the runner, and 100 per second at most if it has
    /// none.</remarks>
    /// <param name="runner">The name of the runner: 1 to 100 characters.</param>
    /// <param name="by">Who resumes the runner: 1 to 255 characters.</param>
    /// <param name="reason">Why, or <see langword="null"/>: up to 1000 characters.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is <see
    /// cref="CancellationToken.None"/>. After a cancellation, it is unknown whether the pause was ended.</param>
    /// <returns>The state of the runner.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> or <paramref name="by"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A value is out of range, or this process knows runners but not this one, and it is not
    /// paused.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<RunnerState> ResumeRunnerAsync(string runner, string by, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Lists the runners that this process knows, and all that were ever paused, by name.</summary>
    /// <remarks>Reads the database a few times for each runner.</remarks>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is <see
    /// cref="CancellationToken.None"/>.</param>
    /// <returns>The states of the runners.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IReadOnlyList<RunnerState>> ListRunnersAsync(CancellationToken cancellationToken = default);
}
