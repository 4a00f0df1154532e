using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>A Buildbot master and its worker of this process's own, on free ports of the loopback interface, with the master.cfg of the documentation.</summary>
internal sealed class BuildbotServer : IAsyncDisposable
{
    // The change that is built tells what the build does; a shell sees the text of the request.
    private const string Command = """
        case "$BUILD_REQUEST" in
            *test:Fails*) exit 1 ;;
            *test:IgnoresCancel*) trap '' TERM; touch "$TEST_AT_WORK/$BUILD_KEY"; while :; do sleep 1; done ;;
            *test:RunsLong*) echo at work; exec sleep 100000 ;;
            *test:RunsShort*) echo at work; sleep 0.5 ;;
        esac
        echo verified
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly ServerSessions _sessions = new();
    private readonly int _workerPort = FreePort();
    private readonly HttpClient _client = new();
    private readonly (string UserName, string Password)? _login;
    private readonly string _repository;
    private readonly string _command;

    private Process? _master;
    private Process? _worker;

    private BuildbotServer((string UserName, string Password)? login, string? repository, string command)
    {
        _login = login;
        _repository = repository ?? "none";
        _command = command;
    }

    public int Port { get; } = FreePort();

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    public static bool IsInstalled => File.Exists("/usr/bin/buildbot") && File.Exists("/usr/bin/buildbot-worker");

    /// <summary>Gets how many processes of builds the worker has.</summary>
    public int BuildProcesses => ServerSessions.MembersOf(_worker!.Id).Count(process => process != _worker.Id);

    private string Home => _sessions.Directory;

    /// <summary>Starts a server; where Buildbot is not installed, the test is skipped, or fails on a build server.</summary>
    /// <param name="configuration">What is added to the master.cfg of the documentation.</param>
    /// <param name="login">A user of the master, where it asks for one.</param>
    /// <param name="workers">How many workers there are, in one process. Buildbot gives a worker one build of a builder at a time.</param>
    /// <param name="repository">What is checked out and built on; <see langword="null"/> for builds that check out nothing.</param>
    /// <param name="command">The command that verifies. By default, the change that is built tells what to do.</param>
    public static async Task<BuildbotServer> StartAsync(
        string configuration = "",
        (string UserName, string Password)? login = null,
        int workers = 1,
        string? repository = null,
        string command = Command)
    {
        if (!IsInstalled)
        {
            var reason = "Buildbot is not installed: apt-get install --no-install-recommends buildbot buildbot-worker.";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
            Assert.Skip(reason);
        }

        BuildbotServer server = new(login, repository, command);
        try
        {
            await server.RunAsync("buildbot", "create-master", "-r", "master");
            foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "ci")))
            {
                File.Copy(file, Path.Combine(server.Home, "master", Path.GetFileName(file)));
            }

            await server.ConfigureAsync($"""
                c["workers"] = [worker.Worker("w%d" % number, "change-me") for number in range(1, {workers + 1})]
                for builder in c["builders"]:
                    builder.workernames = [known.workername for known in c["workers"]]
                {(repository is null ? "document.steps[:] = document.steps[-1:]; merged.steps[:] = merged.steps[-1:]" : "")}
                {configuration}
                """);

            await server.RunAsync("buildbot-worker", "create-worker", "worker", $"127.0.0.1:{server._workerPort}", "w1", "change-me");
            await File.AppendAllTextAsync(Path.Combine(server.Home, "worker", "buildbot.tac"), $"""

                for number in range(2, {workers + 1}):
                    os.makedirs(os.path.join(basedir, "w%d" % number), exist_ok=True)
                    Worker(buildmaster_host, port, "w%d" % number, passwd, os.path.join(basedir, "w%d" % number), keepalive).setServiceParent(application)
                """);
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

    /// <summary>Adds to the configuration, which the master reads when it is started.</summary>
    public Task ConfigureAsync(string configuration) => File.AppendAllTextAsync(Path.Combine(Home, "master", "master.cfg"), $"\n{configuration}\n");

    public async Task StartMasterAsync()
    {
        File.Delete(Path.Combine(Home, "master", "twistd.pid"));
        _master = _sessions.Start("master", Variables, "buildbot", "start", "--nodaemon", ".");
        await UntilAsync("api/v2/builders", static body => body.Contains("verify", StringComparison.Ordinal));
    }

    public async Task StartWorkerAsync()
    {
        File.Delete(Path.Combine(Home, "worker", "twistd.pid"));
        _worker = _sessions.Start("worker", Variables, "buildbot-worker", "start", "--nodaemon", ".");
        await UntilAsync("api/v2/workers", static body => body.Contains("masterid", StringComparison.Ordinal));
    }

    public Task KillMasterAsync() => ServerSessions.KillAsync(_master);

    /// <summary>Kills the worker and the builds that it runs.</summary>
    public Task KillWorkerAsync() => ServerSessions.KillAsync(_worker);

    /// <summary>Reads a list of the API, in the form of the master.</summary>
    public async Task<IReadOnlyList<JsonElement>> ReadAsync(string collection, string query = "")
    {
        using var json = JsonDocument.Parse(await GetAsync($"api/v2/{collection}{query}"));
        return [.. json.RootElement.GetProperty(collection).EnumerateArray().Select(static row => row.Clone())];
    }

    /// <summary>Counts what the master was asked to build.</summary>
    public async Task<int> CountBuildRequestsAsync() => (await ReadAsync("buildrequests", "?field=buildrequestid")).Count;

    /// <summary>Gets the ends of the logs of master and worker, for a test that has failed.</summary>
    public string Logs => $"-- master\n{EndOfLog("master")}\n-- worker\n{EndOfLog("worker")}";

    public string AtWork(string buildKey) => Path.Combine(Home, buildKey);

    public async ValueTask DisposeAsync()
    {
        await KillWorkerAsync();
        await KillMasterAsync();
        _client.Dispose();
        await _sessions.DisposeAsync();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Dictionary<string, string?> Variables => new()
    {
        ["BUILDBOT_COMMAND"] = _command,
        ["BUILDBOT_HTTP"] = $"tcp:{Port}:interface=127.0.0.1",
        ["BUILDBOT_URL"] = Url.AbsoluteUri,
        ["BUILDBOT_REPOSITORY"] = _repository,
        ["BUILDBOT_WORKERS"] = $"tcp:{_workerPort}:interface=127.0.0.1",
        ["PYTHONPATH"] = Path.Combine(AppContext.BaseDirectory, "ci", "api"),
        ["TEST_AT_WORK"] = Home,
    };

    private async Task RunAsync(string program, params string[] arguments)
    {
        var result = await Cli.Wrap(program).WithArguments(arguments).WithWorkingDirectory(Home).WithEnvironmentVariables(Variables)
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        Assert.True(result.IsSuccess, $"{program} {string.Join(' ', arguments)}: {result.StandardError}{result.StandardOutput}");
    }

    private string EndOfLog(string name) => string.Join('\n', File.ReadLines(Path.Combine(Home, name, "twistd.log")).TakeLast(60));

    // A user who is not logged in is refused, and is given a session by a cookie.
    private async Task<string> GetAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(Url, path));
        if (response.StatusCode != HttpStatusCode.Forbidden || _login is not { } login)
        {
            return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        }

        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(Url, "auth/login"));
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{login.UserName}:{login.Password}")));
        using var session = await _client.SendAsync(request);
        return await _client.GetStringAsync(new Uri(Url, path));
    }

    private async Task UntilAsync(string path, Func<string, bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (holds(await GetAsync(path)))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not up yet.
            }

            Assert.True(clock.Elapsed < Patience, $"Buildbot does not come up; see {Path.Combine(Home, "master", "twistd.log")}.");
            await Task.Delay(50);
        }
    }
}
