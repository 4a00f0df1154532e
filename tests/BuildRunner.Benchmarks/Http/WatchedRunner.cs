using System.Diagnostics;
using System.Globalization;

namespace BuildRunner.Benchmarks.Http;

/// <summary>Counts the polls of a runner, and how old what they were told was when they asked.</summary>
internal sealed class WatchedRunner(IBuildRunner inner, CountingTransport transport) : IBuildRunner, IBuildStatusReader
{
    private readonly Lock _lock = new();
    private readonly IBuildStatusReader _reader = inner.As<IBuildStatusReader>()!;
    private long _polls;
    private TimeSpan _oldest;

    /// <summary>Gets the count of polls and the greatest age since the last call.</summary>
    public (long Polls, TimeSpan Oldest) Take()
    {
        lock (_lock)
        {
            var taken = (_polls, _oldest);
            (_polls, _oldest) = (0, TimeSpan.Zero);
            return taken;
        }
    }

    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) => inner.TriggerAsync(request, cancellationToken);

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => inner.CancelAsync(buildId, cancellationToken);

    public TimeSpan Freshness => _reader.Freshness;

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        WatchAsync(buildId, inner.StatusAsync(buildId, cancellationToken));

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default) =>
        WatchAsync(buildId, _reader.StatusAsync(buildId, maxAge, cancellationToken));

    private async Task<BuildSnapshot> WatchAsync(BuildId buildId, Task<BuildSnapshot> poll)
    {
        var asked = Stopwatch.GetTimestamp();
        var snapshot = await poll;
        var age = Stopwatch.GetElapsedTime(transport.SentAt(long.Parse(buildId.Value, CultureInfo.InvariantCulture)), asked);
        lock (_lock)
        {
            _polls++;
            _oldest = age > _oldest ? age : _oldest;
        }

        return snapshot;
    }
}
