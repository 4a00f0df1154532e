namespace BuildRunner.Orchestration;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Deleted builds that ended more than {Retention} ago: {Count}.")]
    public static partial void Deleted(ILogger logger, TimeSpan retention, int count);

    [LoggerMessage(2, LogLevel.Warning, "Could not delete expired builds; will retry.")]
    public static partial void NotDeleted(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Error,
        "It is unknown whether the runner '{Runner}' created the build {Id}, and it cannot find builds by key. "
        + "The build ends as failed; one may still run in the runner.")]
    public static partial void OutcomeUnknown(ILogger logger, string runner, Guid id);

    [LoggerMessage(4, LogLevel.Debug,
        "The outcome of triggering the build {Id} in the runner '{Runner}' is unknown; will look again after {Delay}.")]
    public static partial void TriggerLost(ILogger logger, string runner, Guid id, TimeSpan delay);

    [LoggerMessage(5, LogLevel.Warning, "The runner '{Runner}' rejected the build {Id}, which ends as failed: {Reason}")]
    public static partial void TriggerRejected(ILogger logger, string runner, Guid id, string reason);

    [LoggerMessage(6, LogLevel.Warning, "A call of the runner '{Runner}' {What}: '{Operation}' for the build {Id}; will retry. "
        + "Further failures are logged as debug messages until a call is answered.")]
    public static partial void CallFailed(ILogger logger, string runner, string operation, Guid id, string what, Exception exception);

    [LoggerMessage(7, LogLevel.Warning,
        "Could not cancel '{BuildId}' of the build {Id} in the runner '{Runner}'; it may still run: {Reason}")]
    public static partial void CancelFailed(ILogger logger, string runner, Guid id, BuildId buildId, string reason);

    [LoggerMessage(8, LogLevel.Error,
        "The runner '{Runner}' created '{BuildId}' for the build {Id}, which no longer needs it; cancelling it.")]
    public static partial void Superfluous(ILogger logger, string runner, Guid id, BuildId buildId);

    [LoggerMessage(9, LogLevel.Error, "The build {Id} ends as failed because its message in '{Topic}' became a dead letter: {Reason}")]
    public static partial void EndedByDeadLetter(ILogger logger, Guid id, string topic, string reason);

    [LoggerMessage(10, LogLevel.Warning, "The build {Id} exceeded its time limit '{Limit}'; cancelling it.")]
    public static partial void DeadlinePassed(ILogger logger, Guid id, string limit);

    [LoggerMessage(11, LogLevel.Error,
        "The build {Id} of the runner '{Runner}' was cancelled but did not end in time; it ends as failed.")]
    public static partial void GraceOver(ILogger logger, Guid id, string runner);

    [LoggerMessage(12, LogLevel.Information, "Ignored a signal for '{BuildId}' of the runner '{Runner}': no build has this id.")]
    public static partial void SignalRefused(ILogger logger, string runner, BuildId buildId);

    [LoggerMessage(13, LogLevel.Error,
        "Could not save '{Answer}', the answer of the runner '{Runner}' to the trigger of the build {Id}. "
        + "This process keeps it and will retry; do not end the process by force.")]
    public static partial void AnswerNotSaved(ILogger logger, string runner, Guid id, string answer, Exception exception);

    [LoggerMessage(14, LogLevel.Warning, "Dropped the message '{MessageId}' in '{Topic}': the orchestration did not publish it.")]
    public static partial void ForeignMessage(ILogger logger, string topic, string messageId);

    [LoggerMessage(15, LogLevel.Warning, "Dropped the change '{MessageId}': its build has been deleted.")]
    public static partial void ChangeOutlived(ILogger logger, string messageId);

    [LoggerMessage(16, LogLevel.Warning,
        "This process has no observers and leaves changes of builds to processes that have some. If there are none, messages pile up in "
        + "the topic 'buildchange'; call AddObserver, or IgnoreChanges to drop them.")]
    public static partial void ChangesLeft(ILogger logger);

    [LoggerMessage(17, LogLevel.Error,
        "Stopped calling the runner '{Runner}': {Count} abandoned calls still hang. Calls resume when one of them returns; "
        + "if none does, restart this process.")]
    public static partial void RunnerHung(ILogger logger, string runner, int count);

    [LoggerMessage(18, LogLevel.Information, "Resumed calling the runner '{Runner}': an abandoned call has returned.")]
    public static partial void RunnerHungNoMore(ILogger logger, string runner);

    [LoggerMessage(19, LogLevel.Warning,
        "Could not save '{Answer}', the answer of the runner '{Runner}' to the trigger of the build {Id}; will retry for {Time}.")]
    public static partial void AnswerSaveFailed(ILogger logger, string runner, Guid id, string answer, TimeSpan time, Exception exception);

    [LoggerMessage(20, LogLevel.Error,
        "The answer '{Answer}' of the runner '{Runner}' to the trigger of the build {Id} is lost: it could not be saved before this "
        + "process stops. A build that it names may still run.")]
    public static partial void AnswerLost(ILogger logger, string runner, Guid id, string answer, Exception exception);

    [LoggerMessage(21, LogLevel.Error, "A listener of the orchestration's spans or metrics failed. Builds are not affected.")]
    public static partial void ListenerBroken(ILogger logger, Exception exception);

    [LoggerMessage(22, LogLevel.Error,
        "The runner '{Runner}' is not set up correctly, so its call '{Operation}' fails. Its builds wait and continue once it is fixed.")]
    public static partial void SetupAtFault(ILogger logger, string runner, string operation, Exception exception);

    [LoggerMessage(23, LogLevel.Information, "The setup of the runner '{Runner}' is fixed. Its builds continue.")]
    public static partial void SetupMended(ILogger logger, string runner);

    [LoggerMessage(24, LogLevel.Debug,
        "The build {Id} waits until the setup of the runner '{Runner}' is fixed; will retry after {Delay}.")]
    public static partial void WaitsForSetup(ILogger logger, Guid id, string runner, TimeSpan delay);

    [LoggerMessage(25, LogLevel.Debug, "A call of the runner '{Runner}' {What}: '{Operation}' for the build {Id}. {Reason}")]
    public static partial void CallFailedAgain(ILogger logger, string runner, string operation, Guid id, string what, string reason);

    [LoggerMessage(26, LogLevel.Information, "The runner '{Runner}' answers '{Operation}' again after {Count} failed calls.")]
    public static partial void CallsAnswered(ILogger logger, string runner, string operation, int count);

    [LoggerMessage(27, LogLevel.Warning,
        "Attempt {Attempt} of the build {Id} in the runner '{Runner}' ended: {Kind}. It is tried again, not before {NotBefore}.")]
    public static partial void TriedAgain(ILogger logger, Guid id, string runner, int attempt, string kind, DateTimeOffset? notBefore);

    [LoggerMessage(28, LogLevel.Warning,
        "The build {Id} of the runner '{Runner}' is not tried again: its owner has spent the budget of further attempts.")]
    public static partial void OverBudget(ILogger logger, Guid id, string runner);

    [LoggerMessage(29, LogLevel.Warning, "Dropped a message about the group '{Key}': it has been deleted.")]
    public static partial void GroupOutlived(ILogger logger, string key);

    [LoggerMessage(30, LogLevel.Information, "The group '{Key}' has ended: {Status}.")]
    public static partial void GroupEnded(ILogger logger, string key, BuildStatus status);

    [LoggerMessage(31, LogLevel.Warning,
        "The row of the build '{Build}' in queue_builds cannot be read, so it is a failed member of the group '{Key}'.")]
    public static partial void GroupMemberUnreadable(ILogger logger, string build, string key, Exception exception);

    [LoggerMessage(32, LogLevel.Warning, "The runner '{Runner}' {What} from now on, paused by {By}: {Reason}")]
    public static partial void RunnerPaused(ILogger logger, string runner, string what, string by, string? reason);

    [LoggerMessage(33, LogLevel.Information, "The runner '{Runner}' was resumed by {By}: {Reason}")]
    public static partial void RunnerResumed(ILogger logger, string runner, string by, string? reason);

    [LoggerMessage(34, LogLevel.Debug, "Could not read the states of the runners for the metrics; will retry.")]
    public static partial void RunnersNotRead(ILogger logger, Exception exception);

    [LoggerMessage(35, LogLevel.Debug,
        "The runner '{Runner}' was not asked, or did not say, how the build {Id} is. A message of the build became a dead letter.")]
    public static partial void DeadLetterNotAsked(ILogger logger, string runner, Guid id, Exception? exception);
}
