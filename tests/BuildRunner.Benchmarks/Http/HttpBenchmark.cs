using System.Diagnostics;
using System.Globalization;
using System.Net;
using BuildRunner.Buildbot;
using BuildRunner.Orchestration;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Benchmarks.Http;

/// <summary>Counts the requests of polls that share reads, with the usual polling of the orchestration: every two seconds, plus up to a fifth of jitter.</summary>
internal static class HttpBenchmark
{
    private const string Runner = "ci";
    private const int Submitters = 16;

    private static readonly TimeSpan PollDelay = TimeSpan.FromSeconds(2);

    // A thousand triggers at once keep a master busy for minutes.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(string[] arguments)
    {
        HttpLoad? load = new();
        foreach (var pair in arguments.Chunk(2))
        {
            load = pair is [var name, var value] ? load?.With(name, value) : null;
        }

        if (load is null)
        {
            await Console.Error.WriteLineAsync("Usage: http [--in-flight 1000] [--freshness 1] [--seconds 20] [--url http://127.0.0.1:8010/]");
            return 2;
        }

        var (polls, line) = await MeasureAsync(load);
        Console.WriteLine(line);
        return polls > 0 ? 0 : 1;
    }

    private static async Task<(long Polls, string Line)> MeasureAsync(HttpLoad load)
    {
        long onTheWire = 0;
        await using var proxy = load.Url is null ? null : new LossyTcpProxy(new DnsEndPoint(load.Url.Host, load.Url.Port), _ =>
        {
            Interlocked.Increment(ref onTheWire);
            return ProxyFate.Pass;
        });
        using CountingTransport transport = new(load.Url is null ? new FakeMaster() : new SocketsHttpHandler { AllowAutoRedirect = false });
        await using var provider = new ServiceCollection().AddBuildbotBuildRunner(options =>
        {
            options.Url = proxy is null ? new Uri("http://fake.test/") : new Uri($"http://{proxy.EndPoint}/");
            options.Builder = "verify";
            options.Freshness = TimeSpan.FromSeconds(load.Freshness);
            options.CreateHandler = () => transport;
            options.CallTimeout = CallTimeout;
        }).BuildServiceProvider();
        WatchedRunner runner = new(provider.GetRequiredService<IBuildRunner>(), transport);
        using var host = Create(runner);
        await host.StartAsync();
        await SubmitAsync(host.Services.GetRequiredService<IBuildOrchestrator>(), load.InFlight);

        // Nobody knows of a build before it is asked for, so each costs a read of its own once.
        while (transport.Singles < load.InFlight)
        {
            await Task.Delay(100);
        }

        await Task.Delay(3 * PollDelay);
        runner.Take();
        var (batches, singles, wire, since) = (transport.Batches, transport.Singles, Interlocked.Read(ref onTheWire), Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(load.Seconds));
        var (polls, oldest) = runner.Take();
        (batches, singles, wire) = (transport.Batches - batches, transport.Singles - singles, Interlocked.Read(ref onTheWire) - wire);
        var elapsed = Stopwatch.GetElapsedTime(since);
        await host.StopAsync();
        return (polls, string.Create(
            CultureInfo.InvariantCulture,
            $"requests_per_1000={batches * 1000.0 / Math.Max(polls, 1):F1} polls={polls} polls_per_s={polls / elapsed.TotalSeconds:F0} "
            + $"requests={batches} single_reads={singles} on_the_wire={wire} oldest_ms={oldest.TotalMilliseconds:F1}"));
    }

    private static IHost Create(IBuildRunner runner)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddQueue().UseInMemory();
        builder.Services.AddKeyedSingleton(Runner, runner);
        builder.Services.AddBuildOrchestration().IgnoreChanges().AddRunner(Runner, static options =>
        {
            options.AcceptedPollDelay = options.RunningPollDelay = PollDelay;
            options.TriggerTimeout = options.CallTimeout = CallTimeout;
            options.Grace = 3 * CallTimeout;
        });
        return builder.Build();
    }

    private static Task SubmitAsync(IBuildOrchestrator builds, int count)
    {
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = Submitters };
        return Parallel.ForAsync(0, count, parallel, async (build, token) =>
        {
            BuildSubmission submission = new()
            {
                Key = build.ToString(CultureInfo.InvariantCulture),
                OwnerId = "benchmark",
                Runner = Runner,
                Request = new BuildRequest { Head = [new Change(string.Create(CultureInfo.InvariantCulture, $"test:RunsLong/{build}"))] },
                Timeout = TimeSpan.FromDays(1),
            };
            await builds.SubmitAsync(submission, token);
        });
    }
}
