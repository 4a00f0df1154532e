namespace BuildRunner.MySql.Galera;

/// <summary>Represents a node of a cluster that nothing may be written to, because another one is.</summary>
internal sealed class OtherWriterException(string owner, string node, TimeSpan silence) : DbException(
    $"The queue is written to at the node '{owner}' of the Galera cluster, and this connection leads to the node '{node}'. Two nodes do "
    + "not see each other's locks, and messages would be lost. Have all processes use the same node, by their connection strings or by a "
    + $"proxy with one writer. This node takes over when the other one was not used for {(long)silence.TotalSeconds} seconds.")
{
    public override bool IsTransient => true;
}
