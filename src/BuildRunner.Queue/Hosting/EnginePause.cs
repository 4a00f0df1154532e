namespace BuildRunner.Queue.Hosting;

/// <summary>Calculates the time for which a pump leaves its engine alone.</summary>
internal sealed class EnginePause
{
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MinFailurePause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxFailurePause = TimeSpan.FromSeconds(5);

    private int _failures;

    /// <summary>Gets the pause before rows locked by another transaction are tried again; without it, the pump would spin.</summary>
    public static TimeSpan Busy => BusyPause * (0.25 + (0.75 * Random()));

    /// <summary>Gets the maximum pause after the failures so far.</summary>
    public TimeSpan Longest =>
        TimeSpan.FromMilliseconds(
            Math.Min(MinFailurePause.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 20) - 1), MaxFailurePause.TotalMilliseconds));

    /// <summary>Gets a random pause after the failures so far, so that consumers do not come back together.</summary>
    public TimeSpan Next => Longest * (0.5 + (Random() / 2));

    public void Succeeded() => _failures = 0;

    public void Failed() => _failures++;

    private static double Random() => System.Random.Shared.NextDouble();
}
