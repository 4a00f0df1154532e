using System.Collections.Concurrent;

namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>Sees what the runner gives to its transport, each request once, and the sessions that it is given.</summary>
internal sealed class WatchingHandler(HttpMessageHandler transport) : DelegatingHandler(transport)
{
    /// <summary>The header of a create that has a key, for a proxy that sees no bodies.</summary>
    public const string HasKey = "X-Has-Key";

    private readonly ConcurrentQueue<string> _sessions = new();
    private int _creates;

    /// <summary>Gets how many creates the transport was given.</summary>
    public int Creates => Volatile.Read(ref _creates);

    public IReadOnlyList<string> Sessions => [.. _sessions];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath == "/api/v2/forceschedulers/force")
        {
            Interlocked.Increment(ref _creates);
            if ((await request.Content!.ReadAsStringAsync(cancellationToken)).Contains("\"build_key\":\"br-", StringComparison.Ordinal))
            {
                request.Headers.Add(HasKey, "true");
            }
        }

        var response = await base.SendAsync(request, cancellationToken);
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [])
        {
            _sessions.Enqueue(cookie.Split(';')[0].Split('=', 2)[1]);
        }

        return response;
    }
}
