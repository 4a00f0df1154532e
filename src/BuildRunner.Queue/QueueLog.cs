using BuildRunner.Queue.Hosting;

namespace BuildRunner.Queue;

internal static partial class QueueLog
{
    [LoggerMessage(1, LogLevel.Warning, "The handler of '{Topic}' failed for the message '{Id}' at attempt {Attempt}.")]
    public static partial void Failed(ILogger logger, string topic, string id, int attempt, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "The handler of '{Topic}' was cut off while handling the message '{Id}': {Reason}.")]
    public static partial void CutOff(ILogger logger, string topic, string id, CutOffReason reason, Exception exception);

    [LoggerMessage(3, LogLevel.Error,
        "The handler of '{Topic}' still handles the message '{Id}' although its token was cancelled: {Reason}. "
        + "The consumer no longer waits for it.")]
    public static partial void Abandoned(ILogger logger, string topic, string id, CutOffReason reason);

    [LoggerMessage(4, LogLevel.Warning,
        "The lease of the message '{Id}' of '{Topic}' ended before it was settled; it will be delivered again.")]
    public static partial void LeaseLost(ILogger logger, string topic, string id);

    [LoggerMessage(5, LogLevel.Error, "Could not reach the queue for '{Topic}'; will retry within {Delay}.")]
    public static partial void EngineFailed(ILogger logger, string topic, TimeSpan delay, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "The message '{Id}' of '{Topic}' became a dead letter: {Reason}")]
    public static partial void DeadLettered(ILogger logger, string topic, string id, string reason);

    [LoggerMessage(7, LogLevel.Warning,
        "Could not hand back the messages of '{Topic}'; they will be delivered again when their leases expire.")]
    public static partial void NotHandedBack(ILogger logger, string topic, Exception exception);

    [LoggerMessage(8, LogLevel.Critical, "A consumer of the queue failed; stopping the host.")]
    public static partial void Broken(ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Warning, "The handler of '{Topic}' failed for the message '{Id}' after it was given up.")]
    public static partial void EndedLate(ILogger logger, string topic, string id, Exception exception);

    [LoggerMessage(10, LogLevel.Error,
        "A callback of the handler's token for '{Topic}' failed when the handler was cut off while handling the message '{Id}'.")]
    public static partial void CallbackFailed(ILogger logger, string topic, string id, Exception exception);

    [LoggerMessage(11, LogLevel.Error, "Could not run the handler of '{Topic}' for the message '{Id}'; this counts as a failure.")]
    public static partial void RunnerBroken(ILogger logger, string topic, string id, Exception exception);

    [LoggerMessage(12, LogLevel.Warning,
        "The lease of the message '{Id}' of '{Topic}' expired; its process may have died. It will be delivered again.")]
    public static partial void Expired(ILogger logger, string topic, string id);

    [LoggerMessage(13, LogLevel.Error, "A listener of the queue's spans or measurements failed. The queue is not affected.")]
    public static partial void ListenerBroken(ILogger logger, Exception exception);

    [LoggerMessage(14, LogLevel.Warning,
        "The queue did not answer while stopping. Its messages will be delivered again when their leases expire.")]
    public static partial void LeftBehind(ILogger logger);

    [LoggerMessage(15, LogLevel.Warning,
        "The dead letter '{Id}' of '{Topic}' replaced an earlier one with the same identity, which is gone.")]
    public static partial void DeadLetterReplaced(ILogger logger, string topic, string id);

    [LoggerMessage(16, LogLevel.Warning, "Could not reach the database of the queue at start; will retry in {Delay}.")]
    public static partial void StartFailed(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(17, LogLevel.Error,
        "The database refused to settle a message of the partition '{PartitionKey}' of '{Topic}' as {Resolution}. "
        + "The message waits until its lease expires.")]
    public static partial void SettlementRefused(ILogger logger, string topic, string partitionKey, string resolution, Exception exception);

    [LoggerMessage(18, LogLevel.Warning,
        "The database refused the failure text of a message of the partition '{PartitionKey}' of '{Topic}'. "
        + "The message became a dead letter without it.")]
    public static partial void TextRefused(ILogger logger, string topic, string partitionKey, Exception exception);

    [LoggerMessage(19, LogLevel.Error,
        "The database refused to end the expired lease of the partition '{PartitionKey}' of '{Topic}'. Will retry in {Delay}.")]
    public static partial void ExpiryRefused(ILogger logger, string topic, string partitionKey, TimeSpan delay, Exception exception);

    [LoggerMessage(20, LogLevel.Warning, "A round of '{Topic}' was done in part; will retry the rest.")]
    public static partial void RoundCutShort(ILogger logger, string topic, Exception exception);
}
