using System.Net.Sockets;
using System.Text.Json;
using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Lets processes ask the CI, which outlives them.</summary>
internal sealed class CiServer : IAsyncDisposable
{
    private readonly FaultyCi _ci;
    private readonly TimeSpan _longest;
    private readonly string _directory = Directory.CreateTempSubdirectory("soak-ci-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private Exception? _fault;

    /// <summary>Initializes a new instance of the <see cref="CiServer"/> class.</summary>
    /// <param name="ci">The CI.</param>
    /// <param name="longest">How long an answer takes at most. It is given at once, and takes its time to arrive.</param>
    public CiServer(FaultyCi ci, TimeSpan longest = default)
    {
        (_ci, _longest) = (ci, longest);
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
                if (_longest > TimeSpan.Zero && request.Operation != CiOperation.Wake)
                {
                    // Or until the caller has gone.
                    await Task.WhenAny(Task.Delay(_longest * Random.Shared.NextDouble(), _stop.Token), reader.ReadLineAsync(_stop.Token).AsTask());
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
