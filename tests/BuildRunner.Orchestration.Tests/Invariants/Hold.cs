namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>Stops a process at the first call of a kind until the test lets it go on.</summary>
internal sealed class Hold
{
    private static readonly TimeSpan Safety = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Hold()
    {
    }

    public Task Reached => _reached.Task.WaitAsync(Safety);

    public static Hold Before(StageProcess process, string member) => At(process, new StageCall(member, IsDone: false));

    public static Hold After(StageProcess process, string member) => At(process, new StageCall(member, IsDone: true));

    public void Release() => _released.TrySetResult();

    private static Hold At(StageProcess process, StageCall moment)
    {
        Hold hold = new();
        process.Hook.OnCallAsync = call => call == moment && hold._reached.TrySetResult() ? hold._released.Task : Task.CompletedTask;
        return hold;
    }
}
