using System.Net;
using System.Net.Sockets;

namespace BuildRunner.Servers.Tests;

public sealed class TcpForwarderTests
{
    [Fact(Timeout = 600_000)]
    public async Task A_move_changes_where_new_connections_go_and_leaves_those_that_there_are()
    {
        var token = TestContext.Current.CancellationToken;
        using var one = Listen();
        using var two = Listen();
        await using TcpForwarder forwarder = new(PortOf(one));
        using var old = await ConnectAsync(forwarder, token);
        using var oldServer = await one.AcceptSocketAsync(token);

        forwarder.MoveTo(PortOf(two));
        using var fresh = await ConnectAsync(forwarder, token);
        using var freshServer = await two.AcceptSocketAsync(token);

        await old.SendAsync(new byte[] { 1 }, token);
        await fresh.SendAsync(new byte[] { 2 }, token);
        (await ReadAsync(oldServer, token)).Should().Be(1);
        (await ReadAsync(freshServer, token)).Should().Be(2);
    }

    [Fact(Timeout = 600_000)]
    public async Task A_reset_breaks_the_connections_that_there_are()
    {
        var token = TestContext.Current.CancellationToken;
        using var one = Listen();
        await using TcpForwarder forwarder = new(PortOf(one));
        using var client = await ConnectAsync(forwarder, token);
        using var server = await one.AcceptSocketAsync(token);

        forwarder.Reset();

        var read = () => ReadAsync(client, token);
        (await read.Should().ThrowAsync<SocketException>()).Which.SocketErrorCode.Should().Be(SocketError.ConnectionReset);
    }

    [Fact(Timeout = 600_000)]
    public async Task What_is_held_comes_through_once_it_is_released()
    {
        var token = TestContext.Current.CancellationToken;
        using var one = Listen();
        await using TcpForwarder forwarder = new(PortOf(one));
        using var client = await ConnectAsync(forwarder, token);
        using var server = await one.AcceptSocketAsync(token);
        forwarder.Hold();
        await client.SendAsync(new byte[] { 1 }, token);
        var read = ReadAsync(server, token);
        await PassAsync(one, token);

        read.IsCompleted.Should().BeFalse();
        forwarder.Release();

        (await read).Should().Be(1);
    }

    // Long enough for what was sent before to come through as well, if nothing holds it.
    private static async Task PassAsync(TcpListener listener, CancellationToken token)
    {
        await using TcpForwarder forwarder = new(PortOf(listener));
        using var client = await ConnectAsync(forwarder, token);
        using var server = await listener.AcceptSocketAsync(token);
        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync(new byte[] { 1 }, token);
            await ReadAsync(server, token);
        }
    }

    private static TcpListener Listen()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static async Task<Socket> ConnectAsync(TcpForwarder forwarder, CancellationToken token)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, forwarder.Port, token);
        return socket;
    }

    private static async Task<int> ReadAsync(Socket socket, CancellationToken token)
    {
        var buffer = new byte[1];
        return await socket.ReceiveAsync(buffer, token) == 1 ? buffer[0] : -1;
    }
}
