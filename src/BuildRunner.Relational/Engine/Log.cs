using Microsoft.Extensions.Logging;

namespace BuildRunner.Relational;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Could not reach the database of the queue at the start; will retry in {Delay}.")]
    public static partial void StartFailed(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "The database refused to settle a message of the partition '{PartitionKey}' of '{Topic}' as {Resolution}. The message is left until its lease expires.")]
    public static partial void SettlementRefused(ILogger logger, string topic, string partitionKey, string resolution, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The database refused the failure text of a message of the partition '{PartitionKey}' of '{Topic}'. The message became a dead letter without it.")]
    public static partial void TextRefused(ILogger logger, string topic, string partitionKey, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "The database refused to end the expired lease of the partition '{PartitionKey}' of '{Topic}'. Its message is held back and tried again in {Delay}.")]
    public static partial void ExpiryRefused(ILogger logger, string topic, string partitionKey, TimeSpan delay, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "A round with '{Topic}' was done in part; will retry the rest.")]
    public static partial void RoundCutShort(ILogger logger, string topic, Exception exception);
}
