using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CliWrap;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>Serves a repository over HTTP, by git's own backend, on a port of this machine that nobody else has.</summary>
internal sealed class GitHttpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ServedRequest> _requests = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly string _root;
    private readonly Task _accepting;

    private volatile HangingServer? _hanging;

    public GitHttpServer(TestRepository repository)
    {
        _root = repository.Path;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Gets the address of the repository.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/.git");

    /// <summary>Gets what was asked for so far.</summary>
    public IReadOnlyCollection<ServedRequest> Requests => _requests;

    /// <summary>Gets or sets what answers before git does; where it gives <see langword="null"/>, git answers.</summary>
    public Func<ServedRequest, CancellationToken, Task<ServedAnswer?>> Answer { get; set; } = static (_, _) => Task.FromResult<ServedAnswer?>(null);

    /// <summary>Gets or sets what says that the connection is closed after git has done what was asked for.</summary>
    public Func<ServedRequest, bool> Loses { get; set; } = static _ => false;

    /// <summary>Gets or sets a value indicating whether the server knows only the first version of the protocol, in which commits are given by reference alone.</summary>
    public bool IsOld { get; set; }

    /// <summary>Answers every request with a status.</summary>
    public void Refuse(int status, string header = "Content-Type: text/plain", string body = "") =>
        Answer = (_, _) => Task.FromResult<ServedAnswer?>(new ServedAnswer(status, header, body));

    /// <summary>Answers no request any more.</summary>
    public HangingServer Hang() => _hanging = new HangingServer();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_connections.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.TryAdd(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)), true);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                await ServeAsync(stream);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // The client was stopped, or the test has ended.
            }
        }
    }

    private async Task ServeAsync(NetworkStream stream)
    {
        // One request for each connection.
        await using var buffered = new BufferedStream(stream);
        var request = await ReadAsync(buffered);
        _requests.Enqueue(request);
        if (_hanging is { } hanging)
        {
            await hanging.HoldAsync(buffered, _stop.Token);
            return;
        }

        var answer = await Answer(request, _stop.Token);
        var (status, headers, body) = answer is null ? await AskGitAsync(request) : (answer.Status.ToString(CultureInfo.InvariantCulture), answer.Header, Encoding.UTF8.GetBytes(answer.Body));
        if (Loses(request))
        {
            return;
        }

        var head = $"HTTP/1.1 {status} -\r\n{headers.Trim()}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
        await stream.WriteAsync(body, _stop.Token);
    }

    private async Task<ServedRequest> ReadAsync(Stream stream)
    {
        var first = (await ReadLineAsync(stream)).Split(' ');
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        while (await ReadLineAsync(stream) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        using MemoryStream body = new();
        if (headers.TryGetValue("content-length", out var length))
        {
            await CopyAsync(stream, body, int.Parse(length, CultureInfo.InvariantCulture));
        }
        else if (headers.ContainsKey("transfer-encoding"))
        {
            while (int.Parse(await ReadLineAsync(stream), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var count)
            {
                await CopyAsync(stream, body, count);
                await ReadLineAsync(stream);
            }
        }

        return new ServedRequest(first[0], first[1], headers, body.ToArray());
    }

    private async Task CopyAsync(Stream from, MemoryStream to, int count)
    {
        var bytes = new byte[count];
        await from.ReadExactlyAsync(bytes, _stop.Token);
        to.Write(bytes);
    }

    private async Task<string> ReadLineAsync(Stream stream)
    {
        StringBuilder line = new();
        var one = new byte[1];
        while (true)
        {
            await stream.ReadExactlyAsync(one, _stop.Token);
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)one[0]);
        }
    }

    // RFC 3875, as far as git goes.
    private async Task<(string Status, string Headers, byte[] Body)> AskGitAsync(ServedRequest request)
    {
        var target = request.Target.Split('?', 2);
        var environment = TestRepository.CleanEnvironment();
        environment["GIT_PROJECT_ROOT"] = _root;
        environment["GIT_HTTP_EXPORT_ALL"] = "1";
        environment["GIT_PROTOCOL"] = IsOld ? null : request.Headers.GetValueOrDefault("git-protocol");
        environment["PATH_INFO"] = target[0];
        environment["QUERY_STRING"] = target.ElementAtOrDefault(1) ?? "";
        environment["REQUEST_METHOD"] = request.Method;
        environment["CONTENT_TYPE"] = request.Headers.GetValueOrDefault("content-type");
        environment["CONTENT_LENGTH"] = request.Body.Length.ToString(CultureInfo.InvariantCulture);
        environment["HTTP_CONTENT_ENCODING"] = request.Headers.GetValueOrDefault("content-encoding");
        using MemoryStream output = new();
        await Cli.Wrap("git")
            .WithArguments(["http-backend"])
            .WithEnvironmentVariables(environment)
            .WithStandardInputPipe(PipeSource.FromBytes(request.Body))
            .WithStandardOutputPipe(PipeTarget.ToStream(output))
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(_stop.Token);
        var bytes = output.ToArray();
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        var headers = Encoding.ASCII.GetString(bytes, 0, end).Split("\r\n");
        var status = headers.FirstOrDefault(static header => header.StartsWith("Status: ", StringComparison.Ordinal))?["Status: ".Length..].Split(' ')[0] ?? "200";
        return (status, string.Join("\r\n", headers.Where(static header => !header.StartsWith("Status: ", StringComparison.Ordinal))), bytes[(end + 4)..]);
    }
}
