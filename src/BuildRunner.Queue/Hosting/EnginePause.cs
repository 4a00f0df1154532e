namespace BuildRunner.Queue.Hosting;

/// <summary>Calculates the time for which a pump leaves its engine alone.</summary>
internal sealed class EnginePause
{
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(20);
    private static readonly RetryPolicy Pauses = new(int.MaxValue, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));

    private int _failures;

    /// <summary>Gets the pause before rows locked by another transaction are tried again; without it, the pump would spin.</summary>
    public static TimeSpan Busy => BusyPause * (0.25 + (0.75 * Random.Shared.NextDouble()));

    public TimeSpan Longest => Pauses.DelayAfter(_failures, 1);

    /// <summary>Gets a random pause after the failures so far, so that consumers do not come back together.</summary>
    public TimeSpan Next => Pauses.DelayAfter(_failures, 0.5 + (Random.Shared.NextDouble() / 2));

    public void Succeeded() => _failures = 0;

    public void Failed() => _failures++;
}
