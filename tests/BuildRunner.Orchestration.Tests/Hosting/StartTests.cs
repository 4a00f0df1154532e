using BuildRunner.Orchestration.Tests.Handling;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Tests.Hosting;

/// <summary>An impossible setup is found when the host starts, before anything else, and reported once.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData(ServiceLifetime.Scoped)]
    [InlineData(ServiceLifetime.Singleton)]
    [InlineData(ServiceLifetime.Transient)]
    public async Task An_observer_that_cannot_be_made_is_found_and_named(ServiceLifetime lifetime)
    {
        using var host = StageHost.Create(services =>
        {
            services.Add(new(typeof(NeedyObserver), typeof(NeedyObserver), lifetime));
            Add(services).AddRunner("ci").AddObserver<NeedyObserver>();
        });

        (await host.Invoking(it => it.StartAsync()).Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain(nameof(NeedyObserver));
    }

    [Fact]
    public async Task A_runner_that_cannot_be_made_is_found_and_named()
    {
        using var host = StageHost.Create(services =>
        {
            services.AddQueue().UseInMemory();
            services.AddKeyedSingleton<IBuildRunner>("needy", static (provider, _) => provider.GetRequiredService<IBuildRunner>());
            services.AddBuildOrchestration().AddRunner("needy").IgnoreChanges();
        });

        (await host.Invoking(it => it.StartAsync()).Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain("'needy'");
    }

    [Fact]
    public async Task An_engine_that_has_no_store_is_found_also_where_nothing_but_submitting_is_done()
    {
        using var host = StageHost.Create(static services =>
        {
            services.AddQueue().UseEngine(static _ => Substitute.For<IQueueEngine>());
            services.AddBuildOrchestration();
        });

        await host.Invoking(it => it.StartAsync()).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Nothing_has_begun_when_an_observer_is_missing()
    {
        var engine = Substitute.For<IQueueEngine>();
        using var host = StageHost.Create(services =>
        {
            services.AddSingleton(engine);
            services.AddSingleton(Substitute.For<IBuildStore>());
            Add(services).AddRunner("ci").AddObserver<NeedyObserver>();
        });

        await host.Invoking(it => it.StartAsync()).Should().ThrowAsync<InvalidOperationException>();

        engine.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task A_process_that_only_submits_starts_without_a_warning()
    {
        using RecordedLog log = new();
        using var host = StageHost.Create(services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            services.AddQueue().UseInMemory();
            services.AddBuildOrchestration();
        });

        await host.StartAsync();
        await host.StopAsync();

        log.Entries.Should().NotContain(static entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_start_that_another_service_has_failed_is_no_failure_of_the_retention()
    {
        var store = Substitute.For<IBuildStore>();
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        store.DeleteEndedAsync(default, default, default).ReturnsForAnyArgs(call =>
        {
            begun.TrySetResult();
            return Task.Delay(Timeout.Infinite, call.Arg<CancellationToken>()).ContinueWith<int>(static _ => throw new OperationCanceledException(), TaskScheduler.Default);
        });
        IHostedService retention;
        using (var host = StageHost.Create(services =>
        {
            services.AddSingleton(store);
            Add(services).AddRunner("ci").IgnoreChanges();
            services.AddHostedService(_ => new FailingService(begun.Task));
        }))
        {
            retention = host.Services.GetServices<IHostedService>().Single(static service => service.GetType().Name == "BuildRetention");
            await host.Invoking(it => it.StartAsync()).Should().ThrowAsync<IOException>();
        }

        await ((BackgroundService)retention).ExecuteTask!.WaitAsync(StageHost.Safety);
    }

    private static BuildOrchestrationBuilder Add(IServiceCollection services)
    {
        services.AddQueue().UseInMemory();
        return services.AddKeyedNoopBuildRunner("ci").AddBuildOrchestration();
    }

    // A service that the container does not have.
    private sealed class NeedyObserver(IComparer<string> comparer) : IBuildObserver
    {
        public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken) => Task.FromResult(comparer);
    }

    private sealed class FailingService(Task begun) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await begun.WaitAsync(StageHost.Safety, cancellationToken);
            throw new IOException("Another service cannot start.");
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
