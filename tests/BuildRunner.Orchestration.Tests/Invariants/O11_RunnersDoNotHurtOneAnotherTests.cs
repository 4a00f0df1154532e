using System.Diagnostics;
using BuildRunner.Orchestration.Tests.Hosting;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>On a real host and the clock of the machine, because what is shared between runners is threads and time.</summary>
public sealed class O11_RunnersDoNotHurtOneAnotherTests
{
    private const int Concurrency = 2;

    [Fact]
    public async Task A_runner_whose_polls_hang_does_not_slow_those_of_another()
    {
        GatedRunner hanging = new(fullAt: Concurrency);
        FakeBuildRunner fast = new();
        fast.EveryBuild(_ => FakeBuild.Succeeds(after: TimeSpan.FromMilliseconds(5)));
        using var host = Create(hanging, fast);
        await host.StartAsync();
        var orchestrator = host.Services.GetRequiredService<IBuildOrchestrator>();
        var observer = host.Services.GetRequiredService<EndObserver>();
        await SubmitAsync(orchestrator, "hanging", 6);
        await hanging.Full.WaitAsync(StageHost.Safety);

        var submitted = await SubmitAsync(orchestrator, "fast", 20);
        var ended = await Task.WhenAll(submitted.Select(build => observer.EndOfAsync(build.Id)));

        ended.Should().OnlyContain(build => build.Status == BuildStatus.Succeeded);
        hanging.Full.IsCompletedSuccessfully.Should().BeTrue();
        hanging.Open();
        await host.StopAsync();
    }

    [Fact]
    public async Task No_more_polls_of_a_runner_are_under_way_than_its_concurrency()
    {
        GatedRunner hanging = new(fullAt: Concurrency);
        using var host = Create(hanging, new FakeBuildRunner());
        await host.StartAsync();
        var orchestrator = host.Services.GetRequiredService<IBuildOrchestrator>();
        var observer = host.Services.GetRequiredService<EndObserver>();
        var submitted = await SubmitAsync(orchestrator, "hanging", 10);
        await hanging.Full.WaitAsync(StageHost.Safety);

        hanging.Open();
        await Task.WhenAll(submitted.Select(build => observer.EndOfAsync(build.Id)));

        hanging.MostUnderWay.Should().Be(Concurrency);
        await host.StopAsync();
    }

    [Fact]
    public async Task Calls_come_in_a_burst_of_a_second_at_most_and_then_at_their_rate()
    {
        const int Rate = 50;
        using BuildTelemetry telemetry = new(new HarmlessLogger<BuildTelemetry>(NullLogger<BuildTelemetry>.Instance));
        using var client = NewClient(new() { CallsPerSecond = Rate }, telemetry);
        var start = Stopwatch.GetTimestamp();

        for (var call = 0; call < 2 * Rate; call++)
        {
            (await client.Turns.TryEnterAsync(calls: 1, CancellationToken.None)).Should().BeTrue();
        }

        // A little less than the second that it must take, because clocks are not that exact.
        Stopwatch.GetElapsedTime(start).Should().BeGreaterThan(TimeSpan.FromSeconds(0.9));
    }

    [Fact]
    public async Task Without_a_rate_nothing_is_waited_for()
    {
        using BuildTelemetry telemetry = new(new HarmlessLogger<BuildTelemetry>(NullLogger<BuildTelemetry>.Instance));
        using var client = NewClient(new() { CallsPerSecond = null }, telemetry);

        var entering = client.Turns.TryEnterAsync(calls: 1, new CancellationToken(canceled: true));

        entering.IsCompletedSuccessfully.Should().BeTrue();
        (await entering).Should().BeTrue();
    }

    [Fact]
    public async Task A_wait_for_a_turn_ends_with_the_token()
    {
        using BuildTelemetry telemetry = new(new HarmlessLogger<BuildTelemetry>(NullLogger<BuildTelemetry>.Instance));
        using var client = NewClient(new() { CallsPerSecond = 1 }, telemetry);
        using CancellationTokenSource stop = new();
        await client.Turns.TryEnterAsync(calls: 2, CancellationToken.None);
        var entering = client.Turns.TryEnterAsync(calls: 1, stop.Token);

        await stop.CancelAsync();

        await entering.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public void Each_runner_has_topics_of_its_own()
    {
        using var host = Create(new NoopBuildRunner(), new NoopBuildRunner());

        var topics = host.Services.GetServices<ConsumerRegistration>().Select(consumer => consumer.Topic).ToList();

        topics.Should().OnlyHaveUniqueItems().And.Contain(["build.hanging", "buildsignal.hanging", "build.fast", "buildsignal.fast"]);
    }

    private static RunnerClient NewClient(BuildRunnerOptions options, BuildTelemetry telemetry)
    {
        HarmlessLogger<RunnerClient> logger = new(NullLogger<RunnerClient>.Instance);
        return new("ci", new NoopBuildRunner(), options, telemetry, logger, TimeProvider.System, new("ci", options, logger, TimeProvider.System, RunnerThreads.Default));
    }

    private static IHost Create(IBuildRunner hanging, IBuildRunner fast) => StageHost.Create(services =>
    {
        services.AddQueue().UseInMemory();
        services.AddKeyedSingleton("hanging", hanging).AddKeyedSingleton("fast", fast).AddSingleton<EndObserver>();
        services.AddBuildOrchestration()
            .AddRunner("hanging", options =>
            {
                StageHost.Hasten(options);
                options.Concurrency = Concurrency;
                options.CallTimeout = TimeSpan.FromHours(1);
            })
            .AddRunner("fast", StageHost.Hasten)
            .AddObserver<EndObserver>();
    });

    private static async Task<List<Build>> SubmitAsync(IBuildOrchestrator orchestrator, string runner, int count)
    {
        List<Build> submitted = [];
        for (var number = 0; number < count; number++)
        {
            submitted.Add(await orchestrator.SubmitAsync(Submissions.Of(key: $"{runner}-{number}", runner: runner)));
        }

        return submitted;
    }
}
