using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Lets processes ask the CI, which outlives them.</summary>
internal sealed class CiServer : IAsyncDisposable
{
    // Of the answers that take their time; with more of them, the processes would have no turn left.
    private const int LongEach = 40;

    private readonly FaultyCi _ci;
    private readonly ConcurrentDictionary<int, KeptCalls> _kept = new();
    private readonly ConcurrentDictionary<int, bool> _far = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("soak-ci-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private Exception? _fault;

    /// <summary>Initializes a new instance of the <see cref="CiServer"/> class.</summary>
    public CiServer(FaultyCi ci)
    {
        _ci = ci;
        Path = System.IO.Path.Combine(_directory, "ci");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(1024);
        _accepting = AcceptAsync();
    }

    /// <summary>Gets when the processes have called.</summary>
    public CallIntervals Calls { get; } = new(TimeProvider.System);

    /// <summary>Gets the path of the socket.</summary>
    public string Path { get; }

    /// <summary>Gets what has gone wrong in the test itself, if anything has.</summary>
    public Exception? Fault => _fault;

    /// <summary>Has polls of the healthy runner by a process take their time, some of them almost two leases.</summary>
    public void KeepAway(int process) => _far[process] = true;

    /// <summary>Keeps back what a process is told about builds of the healthy runner, from now on until what is returned is disposed of.</summary>
    public KeptCalls KeepFrom(int process) => _kept[process] = new(() => _kept.TryRemove(process, out _));

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
        List<Task> served = [];
        try
        {
            while (true)
            {
                served.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
        }

        await Task.WhenAll(served);
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
                if (call is not null && request is { Operation: CiOperation.Status, Runner: SoakStage.Healthy })
                {
                    var pause = PauseBefore(request, out var keeping);
                    using (keeping)
                    {
                        // Or until the caller has gone.
                        await (pause.IsCompleted ? pause : Task.WhenAny(pause, reader.ReadLineAsync(_stop.Token).AsTask()));
                    }
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

    private Task PauseBefore(CiRequest request, out IDisposable? keeping)
    {
        keeping = null;
        foreach (var (_, other) in _kept.Where(kept => kept.Key != request.Process))
        {
            other.Asked(request.BuildId!.Value);
        }

        if (_kept.TryGetValue(request.Process, out var own))
        {
            keeping = own.Keep(request.BuildId!.Value);
            return own.AreGiven.WaitAsync(_stop.Token);
        }

        var longest = Random.Shared.Next(LongEach) == 0 ? 1.8 * SoakStage.LeaseDuration : 0.05 * SoakStage.LeaseDuration;
        return _far.ContainsKey(request.Process) ? Task.Delay(longest * Random.Shared.NextDouble(), _stop.Token) : Task.CompletedTask;
    }
}
