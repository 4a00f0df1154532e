using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;

namespace BuildRunner.Orchestration.Soak;

/// <summary>Asks the CI, which outlives this process.</summary>
internal sealed class CiClient(string path)
{
    /// <exception cref="SocketException">There is no connection, so nothing was asked.</exception>
    /// <exception cref="IOException">The connection has ended without an answer.</exception>
    public async Task<CiAnswer> AskAsync(CiRequest request, CancellationToken cancellationToken)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        await using NetworkStream stream = new(socket);
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request with { SentAt = Stopwatch.GetTimestamp(), Process = Environment.ProcessId }), (byte)'\n'];
        await stream.WriteAsync(line, cancellationToken);
        using StreamReader reader = new(stream);
        var answer = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("The CI has closed the connection.");
        return JsonSerializer.Deserialize<CiAnswer>(answer)!;
    }
}
