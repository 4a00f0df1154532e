using System.Net;
using System.Net.Sockets;

namespace BuildRunner.Testing;

/// <summary>Provides a TCP proxy that loses answers: it forwards a request to the server and closes the connection before the answer. For
/// the harness of a runner over HTTP/1.1 without TLS.</summary>
/// <remarks>
/// <para>
/// It works below the transport, so requests that the transport repeats by itself reach the server and are counted. .NET repeats a request
/// without a body if its connection is closed without an answer; a <see cref="FaultInjectingHandler"/> cannot see that.
/// </para>
/// <para>
/// Listens on the loopback address. Safe for concurrent use.
/// </para>
/// </remarks>
public sealed class LossyTcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Loss> _losses = [];
    private readonly List<Task> _connections = [];
    private readonly EndPoint _server;
    private readonly Func<string, ProxyFate>? _judge;
    private readonly Task _accepting;

    /// <summary>Initializes a new instance of the <see cref="LossyTcpProxy"/> class that listens on a free port.</summary>
    /// <param name="server">The server to connect to.</param>
    /// <exception cref="ArgumentNullException"><paramref name="server"/> is <see langword="null"/>.</exception>
    public LossyTcpProxy(EndPoint server)
        : this(server, judge: null)
    {
    }

    /// <summary>Initializes a proxy that also decides the fate of each request.</summary>
    internal LossyTcpProxy(EndPoint server, Func<string, ProxyFate>? judge)
    {
        ArgumentNullException.ThrowIfNull(server);
        _server = server;
        _judge = judge;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Gets the end point to connect to instead of the server.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Loses the answer to the next request that starts with a text, for <see cref="ConformanceFault.AnswerLost"/>.</summary>
    /// <param name="requestStart">The start of the request, such as <c>POST /builds</c>.</param>
    /// <returns>The injected fault, which is reached when the answer is lost.</returns>
    /// <exception cref="ArgumentException"><paramref name="requestStart"/> is <see langword="null"/> or empty.</exception>
    public ConformanceInjection LoseAnswer(string requestStart)
    {
        ArgumentException.ThrowIfNullOrEmpty(requestStart);
        Loss loss = new(requestStart);
        lock (_lock)
        {
            _losses.Add(loss);
        }

        return new ConformanceInjection(loss.Reached.Task, () =>
        {
            lock (_lock)
            {
                _losses.Remove(loss);
            }

            return ValueTask.CompletedTask;
        });
    }

    /// <summary>Stops listening, and closes all connections.</summary>
    /// <returns>A task that completes when all connections are closed.</returns>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_connections).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
                _connections.RemoveAll(static connection => connection.IsCompleted);
                _connections.Add(ForwardAsync(client));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy was disposed.
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using (client)
        using (Socket server = new(SocketType.Stream, ProtocolType.Tcp))
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
        {
            client.NoDelay = server.NoDelay = true;
            try
            {
                await server.ConnectAsync(_server, stop.Token).ConfigureAwait(false);
                ProxiedConnection? connection = null;
                connection = new ProxiedConnection(head => Judge(head, connection!));
                var requests = PumpAsync(client, server, bytes => Task.FromResult(connection.PassRequest(bytes)), stop.Token);
                var answers = PumpAsync(server, client, connection.PassAnswerAsync, stop.Token);
                await Task.WhenAny(requests, answers).ConfigureAwait(false);
                await stop.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(requests, answers).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One side has disconnected, or the server is unreachable; the other side is closed too.
            }
        }
    }

    private static async Task PumpAsync(
        Socket from,
        Socket to,
        Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>?>> pass,
        CancellationToken cancellationToken)
    {
        var buffer = new byte[65536];
        while (await from.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count
            && await pass(buffer.AsMemory(0, count)).ConfigureAwait(false) is { } passed)
        {
            while (!passed.IsEmpty)
            {
                passed = passed[await to.SendAsync(passed, cancellationToken).ConfigureAwait(false)..];
            }
        }
    }

    private ProxyFate Judge(string head, ProxiedConnection connection)
    {
        var fate = _judge?.Invoke(head) ?? ProxyFate.Pass;
        lock (_lock)
        {
            if (_losses.Find(loss => head.StartsWith(loss.RequestStart, StringComparison.Ordinal)) is not { } loss)
            {
                return fate;
            }

            _losses.Remove(loss);
            connection.Lost = loss.Reached;
            return ProxyFate.LoseAnswer;
        }
    }

    private sealed class Loss(string requestStart)
    {
        public string RequestStart { get; } = requestStart;

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
