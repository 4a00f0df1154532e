using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration.Tests.Hosting;

/// <summary>Real hosts, on the clock of the machine. What is waited for is a signal.</summary>
public sealed class EndToEndTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_build_goes_from_its_submission_to_its_observer_in_whatever_order_the_parts_were_added(bool isQueueFirst)
    {
        FakeBuildRunner runner = new();
        runner.NextBuild(FakeBuild.WaitsFor(TimeSpan.FromMilliseconds(20), FakeBuild.Succeeds(after: TimeSpan.FromMilliseconds(20))));
        using var host = StageHost.Create(services =>
        {
            services = isQueueFirst ? services.AddQueue().UseInMemory().Services : services;
            services.AddBuildOrchestration().AddRunner("ci", StageHost.Hasten).AddObserver<EndObserver>();
            services.AddSingleton<EndObserver>().AddKeyedSingleton<IBuildRunner>("ci", runner);
            services = isQueueFirst ? services : services.AddQueue().UseInMemory().Services;
        });
        await host.StartAsync();

        var submitted = await host.Services.GetRequiredService<IBuildOrchestrator>().SubmitAsync(Submissions.Of());
        var build = await host.Services.GetRequiredService<EndObserver>().EndOfAsync(submitted.Id);

        build.Status.Should().Be(BuildStatus.Succeeded);
        runner.CreatedBuilds.Should().Be(1);
        await host.StopAsync();
    }

    [Fact]
    public async Task Many_builds_end_that_are_cancelled_fail_and_succeed()
    {
        FakeBuildRunner runner = new();
        runner.EveryBuild(request => request.Head.Count == 0 ? FakeBuild.RunsUntilCancelled() : FakeBuild.Fails(TimeSpan.FromMilliseconds(10)));
        using var host = StageHost.Create(services =>
        {
            services.AddQueue().UseInMemory();
            services.AddBuildOrchestration().AddRunner("ci", StageHost.Hasten).AddObserver<EndObserver>();
            services.AddSingleton<EndObserver>().AddKeyedSingleton<IBuildRunner>("ci", runner);
        });
        await host.StartAsync();
        var orchestrator = host.Services.GetRequiredService<IBuildOrchestrator>();
        var observer = host.Services.GetRequiredService<EndObserver>();

        var failing = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => orchestrator.SubmitAsync(Submissions.Of(key: $"failing-{number}"))));
        var endless = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => orchestrator.SubmitAsync(Submissions.Of(key: $"endless-{number}") with { Request = new BuildRequest() })));
        await Task.WhenAll(endless.Select(build => orchestrator.CancelAsync(build.Id)));
        var failed = await Task.WhenAll(failing.Select(build => observer.EndOfAsync(build.Id)));
        var cancelled = await Task.WhenAll(endless.Select(build => observer.EndOfAsync(build.Id)));

        failed.Should().OnlyContain(build => build.Status == BuildStatus.Failed);
        cancelled.Should().OnlyContain(build => build.Status == BuildStatus.Cancelled);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_process_without_runners_can_submit_cancel_signal_and_list_and_consumes_nothing()
    {
        using var host = StageHost.Create(services => services.AddBuildOrchestration().Services.AddQueue().UseInMemory());
        await host.StartAsync();
        var orchestrator = host.Services.GetRequiredService<IBuildOrchestrator>();

        var submitted = await orchestrator.SubmitAsync(Submissions.Of(runner: "one of another process"));
        var cancelled = await orchestrator.CancelAsync(submitted.Id);

        cancelled!.CancelCause.Should().Be(BuildCancelCause.Caller);
        (await orchestrator.ListAsync()).Builds.Should().ContainSingle();
        (await orchestrator.SignalAsync("ci", new BuildId("1"))).Should().BeFalse();
        host.Services.GetServices<IHostedService>().Should().NotContain(service => service is BuildRetention);
        await host.StopAsync();
    }
}
