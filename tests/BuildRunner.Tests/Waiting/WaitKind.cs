namespace BuildRunner.Tests.Waiting;

/// <summary>The ways to wait for a build and to hand over a token.</summary>
public enum WaitKind
{
    Completion,
    Watch,
    WatchWithCancellation,
}
