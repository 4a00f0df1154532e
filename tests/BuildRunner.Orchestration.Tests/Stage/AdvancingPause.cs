namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>Lets the time pass for which a step waits. A process that has died waits for nothing.</summary>
internal sealed class AdvancingPause(StageBackend backend, CallHook hook) : SavePause(backend.Time)
{
    public override Task WaitAsync(TimeSpan delay) => hook.IsDead ? throw new CrashException() : backend.AdvanceAsync(delay);
}
