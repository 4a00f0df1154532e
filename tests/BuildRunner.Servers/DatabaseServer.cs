using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Servers;

/// <summary>A database server of this process's own, on a free port of the loopback interface, with data in a temporary directory. It and its data end with the process at the latest.</summary>
public abstract class DatabaseServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private int _databases;
    private Process? _process;

    private protected DatabaseServer(ServerDirectory directory)
    {
        Home = directory;
    }

    /// <summary>Gets the port, which stays the same when the server is started again.</summary>
    public int Port { get; private set; }

    /// <summary>Gets the process number of the server, or <see langword="null"/> while it is down.</summary>
    public int? ProcessId => _process?.Id;

    /// <summary>Gets the CPU time of the server and of what it has started, to hundredths of a second.</summary>
    public TimeSpan CpuTime => _process is { } process ? ChildrenOf(process.Id).Append(process.Id).Aggregate(TimeSpan.Zero, static (sum, id) => sum + CpuTimeOf(id)) : TimeSpan.Zero;

    /// <summary>Gets where the data are.</summary>
    public string DataDirectory => Home["data"];

    /// <summary>Gets the file with what it has said.</summary>
    public string LogFile => Home["log"];

    private protected ServerDirectory Home { get; }

    private protected abstract int StopSignal { get; }

    /// <summary>Creates an empty database.</summary>
    /// <returns>The connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"queue_{Interlocked.Increment(ref _databases)}";
        await CreateDatabaseAsync(name);
        return ConnectionStringOf(name);
    }

    /// <summary>Starts the server after it was stopped or killed, on the same port and with the same data.</summary>
    public async Task StartAgainAsync()
    {
        var deadline = Stopwatch.StartNew();
        // The parts of a killed server that still run may keep the data or the port for a moment.
        while (!await TryStartAsync())
        {
            if (deadline.Elapsed > Patience)
            {
                throw new InvalidOperationException(await DescribeFailureAsync());
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>Stops the server in an orderly way. Connections are cut.</summary>
    public Task StopAsync() => EndAsync(StopSignal);

    /// <summary>Stops the server in an orderly way, and starts it again.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Kills the server with <c>SIGKILL</c>.</summary>
    public Task KillAsync() => EndAsync(Posix.Kill);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(StopSignal);
        await Home.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract IEnumerable<string> Command();

    private protected abstract Task CreateDatabaseAsync(string name);

    private protected abstract string ConnectionStringOf(string database);

    private protected abstract Task ConnectAsync();

    private protected async Task RunAsync(params string[] command)
    {
        var line = Home.AsAccount(command);
        var result = await Cli.Wrap(line[0]).WithArguments(line.Skip(1)).WithWorkingDirectory(Home.Path)
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        if (!result.IsSuccess)
        {
            throw new InvalidOperationException($"'{command[0]}' has failed (exit code {result.ExitCode}): {result.StandardError}{result.StandardOutput}");
        }
    }

    private protected async Task FirstStartAsync()
    {
        // Somebody else may have taken one.
        ChoosePorts();
        for (var attempt = 0; !await TryStartAsync(); attempt++)
        {
            if (attempt == 3)
            {
                throw new InvalidOperationException(await DescribeFailureAsync());
            }

            ChoosePorts();
        }
    }

    private protected virtual void ChoosePorts() => Port = FreePort();

    private protected static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> TryStartAsync()
    {
        var process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$@\" < /dev/null >> \"$0\" 2>&1", Home["log"], .. Home.AsAccount(Command())])
        {
            WorkingDirectory = Home.Path,
        })!;
        Home.Guard(process.Id);
        var watch = Stopwatch.StartNew();
        while (!process.HasExited && watch.Elapsed < Patience)
        {
            try
            {
                await ConnectAsync();
                _process = process;
                return true;
            }
            catch (System.Data.Common.DbException)
            {
                await Task.Delay(Pause);
            }
        }

        _process = process;
        await EndAsync(Posix.Kill);
        return false;
    }

    private async Task EndAsync(int signal)
    {
        if (_process is not { } process)
        {
            return;
        }

        // A postmaster that is killed leaves its children to notice by themselves.
        List<int> processes = [process.Id];
        if (signal == Posix.Kill)
        {
            processes.AddRange(ChildrenOf(process.Id));
        }

        foreach (var id in processes)
        {
            _ = Posix.Signal(id, signal);
        }

        await process.WaitForExitAsync();
        process.Dispose();
        Home.Guard(null);
        _process = null;
    }

    private static TimeSpan CpuTimeOf(int process)
    {
        try
        {
            // Of its own, and of its children that have ended, behind the name, which may have blanks.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return TimeSpan.FromMilliseconds(10 * stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11..15].Sum(long.Parse), 0);
        }
        catch (IOException)
        {
            return TimeSpan.Zero;
        }
    }

    private static IEnumerable<int> ChildrenOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private async Task<string> DescribeFailureAsync()
    {
        var log = File.Exists(Home["log"]) ? await File.ReadAllTextAsync(Home["log"]) : "";
        return $"The server on port {Port} does not start. The end of its log:{Environment.NewLine}{log[Math.Max(0, log.Length - 4096)..]}";
    }
}
