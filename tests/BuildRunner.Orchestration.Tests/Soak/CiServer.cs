using System.Net.Sockets;
using System.Text.Json;
using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Lets processes ask the CI, which outlives them.</summary>
internal sealed class CiServer : IAsyncDisposable
{
    private readonly FaultyCi _ci;
    private readonly bool _isFar;
    private readonly string _directory = Directory.CreateTempSubdirectory("soak-ci-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private Exception? _fault;

    /// <summary>Initializes a new instance of the <see cref="CiServer"/> class.</summary>
    /// <param name="ci">The CI.</param>
    /// <param name="isFar">Whether answers take their time to arrive, some of them longer than a lease.</param>
    public CiServer(FaultyCi ci, bool isFar = false)
    {
        (_ci, _isFar) = (ci, isFar);
        Path = System.IO.Path.Combine(_directory, "ci");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(1024);
        _accepting = AcceptAsync();
    }

    /// <summary>Gets when the processes have called.</summary>
    public CallIntervals Calls { get; } = new();

    /// <summary>Gets the path of the socket.</summary>
    public string Path { get; }

    /// <summary>Gets what has gone wrong in the test itself, if anything has.</summary>
    public Exception? Fault => _fault;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync(_stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        await Task.Yield();
        try
        {
            await using NetworkStream stream = new(connection, ownsSocket: true);
            using StreamReader reader = new(stream);
            if (await reader.ReadLineAsync(_stop.Token) is not { } line)
            {
                return;
            }

            var request = JsonSerializer.Deserialize<CiRequest>(line)!;
            using var call = _ci.IsFlooded(request) ? null : Calls.Begin(request);
            if (request is { Runner: SoakStage.Hanging, Operation: not CiOperation.Wake })
            {
                // Until the caller has had enough of it.
                await reader.ReadLineAsync(_stop.Token);
            }
            else if (_ci.Answer(request) is { } answer)
            {
                if (_isFar && request is { Operation: CiOperation.Status, Runner: SoakStage.Healthy })
                {
                    // Or until the caller has gone.
                    var longest = Random.Shared.Next(8) == 0 ? 1.8 * SoakStage.LeaseDuration : 0.1 * SoakStage.LeaseDuration;
                    await Task.WhenAny(Task.Delay(longest * Random.Shared.NextDouble(), _stop.Token), reader.ReadLineAsync(_stop.Token).AsTask());
                }

                byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(answer), (byte)'\n'];
                await stream.WriteAsync(bytes, _stop.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The caller was killed, or has given up.
        }
        catch (Exception exception)
        {
            _fault ??= exception;
        }
    }
}
