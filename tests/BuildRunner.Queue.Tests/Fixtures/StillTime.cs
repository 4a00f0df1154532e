namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>The time of the system, by which nothing takes any time: whether the machine is busy decides no test.</summary>
internal sealed class StillTime : TimeProvider
{
    public override long GetTimestamp() => 0;
}
