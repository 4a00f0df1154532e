namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>The clock of the system, on which no timer takes longer than a moment: for waiting, which would ask every few seconds.</summary>
internal sealed class ImpatientTimeProvider : TimeProvider
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime < Moment ? dueTime : Moment, period);
}
