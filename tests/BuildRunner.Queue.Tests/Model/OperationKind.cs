namespace BuildRunner.Queue.Tests.Model;

internal enum OperationKind
{
    Publish,
    PublishInTransaction,
    Exchange,
    Advance,
    Crash,
    Redrive,
    Purge,
}
