namespace BuildRunner.Queue.Tests.Relational;

/// <summary>When a connection breaks. Where the commit goes with the last statements, it is done after the write.</summary>
public enum Loss
{
    None,
    BeforeTheWrite,
    AfterTheWrite,
    AfterTheCommit,
}
