namespace BuildRunner.Relational;

/// <summary>Rolls back a transaction in which a write was late.</summary>
internal sealed class LostCommitException : Exception
{
    public LostCommitException()
        : base("Another process has saved a document or a build first.")
    {
    }
}
