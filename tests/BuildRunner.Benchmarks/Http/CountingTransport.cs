using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace BuildRunner.Benchmarks.Http;

/// <summary>Counts what a Buildbot master is asked, and keeps when the last read of each build was sent that has an answer.</summary>
internal sealed class CountingTransport(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Many = "/api/v2/buildrequests";
    private const string Filter = "buildrequestid__eq=";

    private readonly ConcurrentDictionary<long, long> _sentAt = new();
    private long _batches;
    private long _singles;

    /// <summary>Gets how many requests have read many builds.</summary>
    public long Batches => Interlocked.Read(ref _batches);

    /// <summary>Gets how many requests have read one build with what it was asked for.</summary>
    public long Singles => Interlocked.Read(ref _singles);

    /// <summary>Finds the builds that a request reads.</summary>
    public static IEnumerable<long> BuildsOf(HttpRequestMessage request)
    {
        var address = request.RequestUri!;
        if (address.AbsolutePath == Many)
        {
            return address.Query.TrimStart('?').Split('&')
                .Where(static pair => pair.StartsWith(Filter, StringComparison.Ordinal))
                .Select(static pair => long.Parse(pair[Filter.Length..], CultureInfo.InvariantCulture));
        }

        return address.AbsolutePath.StartsWith(Many, StringComparison.Ordinal)
            ? [long.Parse(address.Segments[^1], CultureInfo.InvariantCulture)]
            : [];
    }

    /// <summary>Tells when the read was sent that was answered last for a build.</summary>
    public long SentAt(long build) => _sentAt[build];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var now = Stopwatch.GetTimestamp();
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method == HttpMethod.Get)
        {
            var builds = BuildsOf(request).ToList();
            if (request.RequestUri!.AbsolutePath == Many && builds.Count > 0)
            {
                Interlocked.Increment(ref _batches);
            }
            else if (builds.Count > 0)
            {
                Interlocked.Increment(ref _singles);
            }

            foreach (var build in builds)
            {
                _sentAt[build] = now;
            }
        }

        return response;
    }
}
