namespace BuildRunner.Queue.Tests.Model;

internal enum OperationKind
{
    Publish,
    PublishInTransaction,
    QueueRound,
    Advance,
    Crash,
    Redrive,
    Purge,
}
