namespace BuildRunner.Orchestration;

/// <summary>How a step waits before it tries again to save something. A test that delivers one message after the other lets the time pass
/// here, because nobody else does while a step waits.</summary>
internal class SavePause(TimeProvider timeProvider)
{
    public virtual Task WaitAsync(TimeSpan delay) => Task.Delay(delay, timeProvider, CancellationToken.None);
}
