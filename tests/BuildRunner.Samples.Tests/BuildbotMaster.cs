using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Samples.Tests;

/// <summary>A Buildbot master and its worker, set up as the documentation says: the master.cfg of the repository, on a repository of the test.</summary>
internal sealed class BuildbotMaster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TempDirectory _directory = new();
    private readonly List<Process> _processes = [];
    private readonly Dictionary<string, string?> _variables;

    private BuildbotMaster(string repository, string command)
    {
        var workers = FreePort();
        Url = new Uri($"http://127.0.0.1:{FreePort()}/");
        Workers = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{workers}");
        _variables = new Dictionary<string, string?>
        {
            ["BUILDBOT_REPOSITORY"] = repository,
            ["BUILDBOT_COMMAND"] = command,
            ["BUILDBOT_HTTP"] = $"tcp:{Url.Port}:interface=127.0.0.1",
            ["BUILDBOT_URL"] = Url.AbsoluteUri,
            ["BUILDBOT_WORKERS"] = $"tcp:{workers}:interface=127.0.0.1",

            // What stands in for the web interface, which Debian does not package.
            ["PYTHONPATH"] = Path.Combine(AppContext.BaseDirectory, "ci", "api"),
        };
    }

    public Uri Url { get; }

    private string Workers { get; }

    /// <summary>Starts a master; where Buildbot is not installed, the test is skipped, or fails on a build server.</summary>
    public static async Task<BuildbotMaster> StartAsync(string repository, string command)
    {
        if (!File.Exists("/usr/bin/buildbot") || !File.Exists("/usr/bin/buildbot-worker"))
        {
            const string Reason = "Buildbot is not installed: apt-get install --no-install-recommends buildbot buildbot-worker.";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Reason);
            Assert.Skip(Reason);
        }

        BuildbotMaster master = new(repository, command);
        try
        {
            await master.RunAsync("buildbot", "create-master", "-r", "master");
            foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "ci")))
            {
                File.Copy(file, Path.Combine(master._directory["master"], Path.GetFileName(file)));
            }

            await master.RunAsync("buildbot-worker", "create-worker", "worker", master.Workers, "w1", "change-me");
            master.Start("master", "buildbot");
            await master.UntilAsync("api/v2/builders", "verify");
            master.Start("worker", "buildbot-worker");
            await master.UntilAsync("api/v2/workers", "masterid");
            return master;
        }
        catch
        {
            await master.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _directory.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        var result = await Cli.Wrap(program).WithArguments(arguments).WithWorkingDirectory(_directory.Path).WithEnvironmentVariables(_variables)
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        Assert.True(result.IsSuccess, $"{program} {string.Join(' ', arguments)}: {result.StandardError}{result.StandardOutput}");
    }

    private void Start(string directory, string program)
    {
        ProcessStartInfo start = new(program, ["start", "--nodaemon", "."]) { WorkingDirectory = _directory[directory], RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _variables)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    private async Task UntilAsync(string path, string word)
    {
        using HttpClient client = new();
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if ((await client.GetStringAsync(new Uri(Url, path))).Contains(word, StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not up yet.
            }

            Assert.True(clock.Elapsed < Patience, "Buildbot does not come up.");
            await Task.Delay(50);
        }
    }
}
