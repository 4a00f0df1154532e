using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BuildRunner.Servers.Tests;

/// <summary>What a proxy on the way to a server of HTTP does to requests.</summary>
public sealed class ForwardedFateTests
{
    [Theory(Timeout = 60_000)]
    [InlineData(ForwardedFate.Pass)]
    [InlineData(ForwardedFate.Delay)]
    public async Task What_passes_is_answered_and_seen_whole(ForwardedFate fate)
    {
        await using HttpServer server = new();
        List<ForwardedRequest> seen = [];
        await using TcpForwarder forwarder = new(server.Port, request => Note(seen, request, fate));

        var answer = await SendAsync(forwarder, TestContext.Current.CancellationToken);

        answer.Should().Be("ok");
        seen.Should().Equal(new ForwardedRequest("POST", "/builds?a=1", "body"));
        server.Requests.Should().ContainSingle();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_lost_answer_is_that_of_a_request_that_has_arrived()
    {
        await using HttpServer server = new();
        await using TcpForwarder forwarder = new(server.Port, static _ => ForwardedFate.LoseAnswer);

        var act = () => SendAsync(forwarder, TestContext.Current.CancellationToken);

        await act.Should().ThrowAsync<HttpRequestException>();
        server.Requests.Should().ContainSingle();
    }

    [Fact(Timeout = 60_000)]
    public async Task What_is_cut_does_not_arrive()
    {
        await using HttpServer server = new();
        await using TcpForwarder forwarder = new(server.Port, static _ => ForwardedFate.Cut);

        var act = () => SendAsync(forwarder, TestContext.Current.CancellationToken);

        await act.Should().ThrowAsync<HttpRequestException>();
        server.Requests.Should().NotContain(static request => request.EndsWith("body", StringComparison.Ordinal));
    }

    private static ForwardedFate Note(List<ForwardedRequest> seen, ForwardedRequest request, ForwardedFate fate)
    {
        seen.Add(request);
        return fate;
    }

    private static async Task<string> SendAsync(TcpForwarder forwarder, CancellationToken cancellationToken)
    {
        using HttpClient client = new();
        using var reply = await client.PostAsync(
            new Uri($"http://127.0.0.1:{forwarder.Port}/builds?a=1"), new StringContent("body"), cancellationToken);
        return await reply.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>Answers each request, one on a connection.</summary>
    private sealed class HttpServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentQueue<string> _requests = new();
        private readonly Task _serving;

        public HttpServer()
        {
            _listener.Start();
            _serving = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public IReadOnlyCollection<string> Requests => _requests;

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var socket = await _listener.AcceptSocketAsync();
                    await AnswerAsync(socket);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
            }
        }

        private async Task AnswerAsync(Socket socket)
        {
            StringBuilder text = new();
            var buffer = new byte[4096];
            while (!text.ToString().EndsWith("body", StringComparison.Ordinal))
            {
                if (await socket.ReceiveAsync(buffer) is not (> 0 and var count))
                {
                    return;
                }

                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }

            _requests.Enqueue(text.ToString());
            await socket.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"));
        }
    }
}
