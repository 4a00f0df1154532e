namespace BuildRunner.Orchestration;

/// <summary>Provides the pause before a step retries a save. Tests that deliver one message at a time advance the clock here.</summary>
internal class SavePause(TimeProvider timeProvider)
{
    public virtual Task WaitAsync(TimeSpan delay) => Task.Delay(delay, timeProvider, CancellationToken.None);
}
