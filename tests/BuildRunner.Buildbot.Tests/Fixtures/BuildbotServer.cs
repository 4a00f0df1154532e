using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>A Buildbot master and its worker of this process's own, on free ports of the loopback interface, with the master.cfg of the documentation.</summary>
internal sealed partial class BuildbotServer : IAsyncDisposable
{
    private const int Sigkill = 9;

    // What a build does stands in the change it builds; its own text is what a shell sees of a request.
    private const string Command = """
        case "$BUILD_REQUEST" in
            *test:Fails*) exit 1 ;;
            *test:IgnoresCancel*) trap '' TERM; touch "$TEST_AT_WORK/$BUILD_KEY"; while :; do sleep 1; done ;;
            *test:RunsLong*) echo at work; exec sleep 100000 ;;
        esac
        echo verified
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _directory = Directory.CreateTempSubdirectory("buildrunner-buildbot-").FullName;
    private readonly int _workerPort = FreePort();
    private readonly HttpClient _client = new();

    private Process? _master;
    private Process? _worker;

    private BuildbotServer()
    {
    }

    public int Port { get; } = FreePort();

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    public static bool IsInstalled => File.Exists("/usr/bin/buildbot") && File.Exists("/usr/bin/buildbot-worker");

    /// <summary>Starts a server; where Buildbot is not installed, the test is skipped, or fails on a build server.</summary>
    public static async Task<BuildbotServer> StartAsync()
    {
        if (!IsInstalled)
        {
            var reason = "Buildbot is not installed: apt-get install --no-install-recommends buildbot buildbot-worker.";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
            Assert.Skip(reason);
        }

        BuildbotServer server = new();
        try
        {
            await server.RunAsync("buildbot", "create-master", "-r", "master");
            foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "ci")))
            {
                File.Copy(file, Path.Combine(server._directory, "master", Path.GetFileName(file)));
            }

            await server.RunAsync("buildbot-worker", "create-worker", "worker", $"127.0.0.1:{server._workerPort}", "w1", "change-me");
            await server.StartMasterAsync();
            await server.StartWorkerAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async Task StartMasterAsync()
    {
        File.Delete(Path.Combine(_directory, "master", "twistd.pid"));
        _master = Start("master", "buildbot", "start", "--nodaemon", ".");
        await UntilAsync("api/v2/builders", static body => body.Contains("verify", StringComparison.Ordinal));
    }

    public async Task StartWorkerAsync()
    {
        File.Delete(Path.Combine(_directory, "worker", "twistd.pid"));
        _worker = Start("worker", "buildbot-worker", "start", "--nodaemon", ".");
        await UntilAsync("api/v2/workers", static body => body.Contains("masterid", StringComparison.Ordinal));
    }

    public Task KillMasterAsync() => KillAsync(_master);

    public Task KillWorkerAsync() => KillAsync(_worker);

    /// <summary>Counts what the master was asked to build.</summary>
    public async Task<int> CountBuildRequestsAsync(CancellationToken cancellationToken)
    {
        var body = await _client.GetStringAsync(new Uri(Url, "api/v2/buildrequests?field=buildrequestid"), cancellationToken);
        using var json = System.Text.Json.JsonDocument.Parse(body);
        return json.RootElement.GetProperty("buildrequests").GetArrayLength();
    }

    public string AtWork(string buildKey) => Path.Combine(_directory, buildKey);

    public async ValueTask DisposeAsync()
    {
        await KillAsync(_worker);
        await KillAsync(_master);
        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task KillAsync(Process? process)
    {
        if (process is not null)
        {
            // Its own session, so that a build that it runs goes with it.
            _ = Signal(-process.Id, Sigkill);
            await process.WaitForExitAsync();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    private Dictionary<string, string?> Variables => new()
    {
        ["BUILDBOT_COMMAND"] = Command,
        ["BUILDBOT_HTTP"] = $"tcp:{Port}:interface=127.0.0.1",
        ["BUILDBOT_URL"] = Url.AbsoluteUri,
        ["BUILDBOT_WORKERS"] = $"tcp:{_workerPort}:interface=127.0.0.1",
        ["PYTHONPATH"] = Path.Combine(AppContext.BaseDirectory, "Fixtures", "plug"),
        ["TEST_AT_WORK"] = _directory,
    };

    private async Task RunAsync(string program, params string[] arguments)
    {
        var result = await Cli.Wrap(program).WithArguments(arguments).WithWorkingDirectory(_directory).WithEnvironmentVariables(Variables)
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        Assert.True(result.IsSuccess, $"{program} {string.Join(' ', arguments)}: {result.StandardError}{result.StandardOutput}");
    }

    private Process Start(string directory, params string[] command)
    {
        ProcessStartInfo start = new("setsid") { WorkingDirectory = Path.Combine(_directory, directory), RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task UntilAsync(string path, Func<string, bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (holds(await _client.GetStringAsync(new Uri(Url, path))))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not up yet.
            }

            Assert.True(clock.Elapsed < Patience, $"Buildbot does not come up; see {Path.Combine(_directory, "master", "twistd.log")}.");
            await Task.Delay(50);
        }
    }
}
