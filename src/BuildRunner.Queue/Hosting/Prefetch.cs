namespace BuildRunner.Queue.Hosting;

/// <summary>Estimates how many messages to claim beyond the free slots: those likely to start very soon.</summary>
internal sealed class Prefetch
{
    private const int Max = 500;

    // Without prefetch, messages that could start within this time would wait for a round.
    private static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(100);

    public int Size { get; private set; }

    public void Observe(int finished, TimeSpan elapsed)
    {
        var soon = elapsed <= Horizon ? finished : finished * (Horizon / elapsed);
        Size = (int)Math.Min(Max, Math.Max(soon, Size * 0.75));
    }
}
