using System.Globalization;
using System.Runtime;
using BuildRunner.Orchestration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>The work of one process of a load: it submits builds, triggers those of all processes, and polls some.</summary>
internal sealed class LoadWorker(int number, string connection) : IAsyncDisposable
{
    private const string Triggered = "triggered";
    private const string Polled = "polled";
    private const int Submitters = 64;

    private static readonly TimeSpan Never = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Cadence = TimeSpan.FromMilliseconds(200);

    private readonly EndlessRunner _triggers = new(BuildStatus.Accepted);
    private readonly EndlessRunner _polls = new(BuildStatus.Running);
    private IHost? _host;

    /// <summary>Does what the lines of the input say until it ends.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var number, var connection, var ownConnection])
        {
            await Console.Error.WriteLineAsync("This is a part of 'load'.");
            return 2;
        }

        await WarmUpAsync(ownConnection);
        await using LoadWorker worker = new(int.Parse(number, CultureInfo.InvariantCulture), connection);
        await worker.StartAsync(triggers: false, polls: false);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } command)
        {
            Console.WriteLine(await worker.DoAsync(command.Split(' ')));
        }

        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }
    }

    private static async Task WarmUpAsync(string connection)
    {
        await using LoadWorker worker = new(0, connection);
        await worker.StartAsync(triggers: true, polls: true);
        await worker.SubmitAsync(Triggered, 300);
        await worker.SubmitAsync(Polled, 300);
        TimeSpan compiled;
        do
        {
            compiled = JitInfo.GetCompilationTime();
            await Task.Delay(TimeSpan.FromSeconds(3));
        }
        while (JitInfo.GetCompilationTime() - compiled > TimeSpan.FromMilliseconds(60));
    }

    private async Task<string> DoAsync(string[] command)
    {
        switch (command)
        {
            case ["submit", var count]:
                await SubmitAsync(Triggered, int.Parse(count, CultureInfo.InvariantCulture));
                return "done";
            case ["trigger"]:
                await StartAsync(triggers: true, polls: false);
                return "done";
            case ["poll", var count]:
                await StartAsync(triggers: false, polls: true);
                await SubmitAsync(Polled, int.Parse(count, CultureInfo.InvariantCulture));
                return "done";
            case ["count"]:
                return _polls.Polls.ToString(CultureInfo.InvariantCulture);
            default:
                throw new InvalidOperationException($"There is no '{command[0]}'.");
        }
    }

    private async Task StartAsync(bool triggers, bool polls)
    {
        await DisposeAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddQueue().UsePostgreSql(connection);
        builder.Services.AddKeyedSingleton<IBuildRunner>(Triggered, _triggers);
        builder.Services.AddKeyedSingleton<IBuildRunner>(Polled, _polls);
        var orchestration = builder.Services.AddBuildOrchestration();
        Add(orchestration, Triggered, triggers, Never);
        Add(orchestration, Polled, polls, Cadence);
        _host = builder.Build();
        await _host.StartAsync();
    }

    private static void Add(BuildOrchestrationBuilder orchestration, string runner, bool isHere, TimeSpan cadence)
    {
        if (!isHere)
        {
            orchestration.AddRemoteRunner(runner);
            return;
        }

        orchestration.AddRunner(runner, options =>
        {
            options.CallsPerSecond = null;
            options.Concurrency = 500;
            options.AcceptedPollDelay = options.RunningPollDelay = cadence;
        });
    }

    private Task SubmitAsync(string runner, int count)
    {
        var builds = _host!.Services.GetRequiredService<IBuildOrchestrator>();
        ParallelOptions options = new() { MaxDegreeOfParallelism = Submitters };
        return Parallel.ForAsync(0, count, options, async (build, token) => await builds.SubmitAsync(SubmissionOf(runner, build), token));
    }

    private BuildSubmission SubmissionOf(string runner, int build) => new()
    {
        Key = string.Create(CultureInfo.InvariantCulture, $"{runner}/{number}/{build}"),
        OwnerId = string.Create(CultureInfo.InvariantCulture, $"owner-{build % 100}"),
        Runner = runner,
        Request = new BuildRequest
        {
            Head = [new Change($"git://git.example.org/shop/refs%2Fheads%2F{build}/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
        },
    };
}
