namespace BuildRunner.Queue.Hosting;

/// <summary>How many messages are claimed beyond those that are handled at once: as many as are likely to be started very soon.</summary>
internal sealed class Prefetch
{
    private const int Max = 500;

    // What is started within this time would otherwise wait for a round.
    private static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(100);

    public int Size { get; private set; }

    public void Observe(int finished, TimeSpan elapsed)
    {
        var soon = elapsed <= Horizon ? finished : finished * (Horizon / elapsed);
        Size = (int)Math.Min(Max, Math.Max(soon, Size * 0.75));
    }
}
