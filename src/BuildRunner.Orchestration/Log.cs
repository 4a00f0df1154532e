using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Deleted builds that ended more than {Retention} ago: {Count}.")]
    public static partial void Deleted(ILogger logger, TimeSpan retention, int count);

    [LoggerMessage(2, LogLevel.Warning, "Builds that ended long ago could not be deleted; it is tried again.")]
    public static partial void NotDeleted(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "It is not known whether the runner '{Runner}' has created the build {Id}, and it cannot look that up: the build ends as failed, and one may run on in the runner.")]
    public static partial void OutcomeUnknown(ILogger logger, string runner, Guid id);

    [LoggerMessage(4, LogLevel.Debug, "The outcome of the trigger of the build {Id} by the runner '{Runner}' is not known; the next look is after {Delay}.")]
    public static partial void TriggerLost(ILogger logger, string runner, Guid id, TimeSpan delay);

    [LoggerMessage(5, LogLevel.Warning, "The runner '{Runner}' rejected the build {Id}, which ends as failed: {Reason}")]
    public static partial void TriggerRejected(ILogger logger, string runner, Guid id, string reason);

    [LoggerMessage(6, LogLevel.Warning, "A call of the runner '{Runner}' {What}: '{Operation}' for the build {Id}. "
        + "Builds wait and are asked for again. Until a call is answered, further failures are logged as debug messages.")]
    public static partial void CallFailed(ILogger logger, string runner, string operation, Guid id, string what, Exception exception);

    [LoggerMessage(7, LogLevel.Warning,
        "The runner '{Runner}' could not be told to cancel '{BuildId}' of the build {Id}, which may run on: {Reason}")]
    public static partial void CancelFailed(ILogger logger, string runner, Guid id, BuildId buildId, string reason);

    [LoggerMessage(8, LogLevel.Error, "The runner '{Runner}' has created '{BuildId}' for the build {Id}, which does not need it any more; it is cancelled.")]
    public static partial void Superfluous(ILogger logger, string runner, Guid id, BuildId buildId);

    [LoggerMessage(9, LogLevel.Error, "The build {Id} ends as failed, because its message of '{Topic}' became a dead letter: {Reason}")]
    public static partial void EndedByDeadLetter(ILogger logger, Guid id, string topic, string reason);

    [LoggerMessage(10, LogLevel.Warning, "The build {Id} has not ended by its deadline and is cancelled.")]
    public static partial void DeadlinePassed(ILogger logger, Guid id);

    [LoggerMessage(11, LogLevel.Error, "The build {Id} of the runner '{Runner}' has not ended in time although it was cancelled, and ends as failed.")]
    public static partial void GraceOver(ILogger logger, Guid id, string runner);

    [LoggerMessage(12, LogLevel.Information, "A signal for '{BuildId}' of the runner '{Runner}' is for no build that is known.")]
    public static partial void SignalRefused(ILogger logger, string runner, BuildId buildId);

    [LoggerMessage(13, LogLevel.Error, "The runner '{Runner}' has answered the trigger of the build {Id} with '{Answer}', which could not be saved; it is kept as long as this process runs, and tried again until it is.")]
    public static partial void AnswerNotSaved(ILogger logger, string runner, Guid id, string answer, Exception exception);

    [LoggerMessage(14, LogLevel.Warning, "The message '{MessageId}' of '{Topic}' is none of the build stage and is dropped.")]
    public static partial void ForeignMessage(ILogger logger, string topic, string messageId);

    [LoggerMessage(15, LogLevel.Warning, "The change '{MessageId}' is of a build that was deleted since; nobody is told.")]
    public static partial void ChangeOutlived(ILogger logger, string messageId);

    [LoggerMessage(16, LogLevel.Warning, "This process tells nobody when builds change: it leaves that to a process with observers. If there is none, the messages pile up in the topic 'buildchange' without end: call AddObserver, or IgnoreChanges to have them dropped.")]
    public static partial void ChangesLeft(ILogger logger);

    [LoggerMessage(17, LogLevel.Error, "The runner '{Runner}' is called no more: calls of it were given up and still hang ({Count}). It is called again when one of them comes back; if none does, restart this process.")]
    public static partial void RunnerHung(ILogger logger, string runner, int count);

    [LoggerMessage(18, LogLevel.Information, "The runner '{Runner}' is called again: one of the calls that hung has come back.")]
    public static partial void RunnerHungNoMore(ILogger logger, string runner);

    [LoggerMessage(19, LogLevel.Warning, "The runner '{Runner}' has answered the trigger of the build {Id} with '{Answer}', which could not be saved; it is tried again for {Time}.")]
    public static partial void AnswerSaveFailed(ILogger logger, string runner, Guid id, string answer, TimeSpan time, Exception exception);

    [LoggerMessage(20, LogLevel.Error, "The answer '{Answer}' of the runner '{Runner}' to the trigger of the build {Id} could not be saved before this process stops and is lost: what it names may run on.")]
    public static partial void AnswerLost(ILogger logger, string runner, Guid id, string answer, Exception exception);

    [LoggerMessage(21, LogLevel.Error, "A listener of the spans or the measurements of the build stage failed. It changes nothing but what is seen.")]
    public static partial void ListenerBroken(ILogger logger, Exception exception);

    [LoggerMessage(22, LogLevel.Error, "The runner '{Runner}' is not set up correctly: its call '{Operation}' fails until that is mended. Its builds wait, and go on by themselves then.")]
    public static partial void SetupAtFault(ILogger logger, string runner, string operation, Exception exception);

    [LoggerMessage(23, LogLevel.Information, "The setup of the runner '{Runner}' is mended. Its builds go on.")]
    public static partial void SetupMended(ILogger logger, string runner);

    [LoggerMessage(24, LogLevel.Debug, "The build {Id} waits until the setup of the runner '{Runner}' is mended; the next call is after {Delay}.")]
    public static partial void WaitsForSetup(ILogger logger, Guid id, string runner, TimeSpan delay);

    [LoggerMessage(25, LogLevel.Debug, "A call of the runner '{Runner}' {What}: '{Operation}' for the build {Id}. {Reason}")]
    public static partial void CallFailedAgain(ILogger logger, string runner, string operation, Guid id, string what, string reason);

    [LoggerMessage(26, LogLevel.Information, "The runner '{Runner}' answers '{Operation}' again. Calls that failed meanwhile: {Count}.")]
    public static partial void CallsAnswered(ILogger logger, string runner, string operation, int count);
}
