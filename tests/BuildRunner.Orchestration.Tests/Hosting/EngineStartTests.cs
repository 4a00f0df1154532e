using BuildRunner.Orchestration.Tests.Stage;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration.Tests.Hosting;

/// <summary>The engine of the queue waits for a database that starts after the program, and everybody waits with it.</summary>
public sealed class EngineStartTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IQueueEngine _engine = Substitute.For<IQueueEngine>();
    private readonly IBuildStore _store = Substitute.For<IBuildStore>();

    public EngineStartTests()
    {
        _engine.StartAsync(Arg.Any<CancellationToken>()).Returns(call => _started.Task.WaitAsync(call.Arg<CancellationToken>()));
        _store.ReadAsync(Arg.Any<string>(), Arg.Any<CancellationToken>()).Returns(new BuildReading { Now = Now });
        _store.ReadAsync(Arg.Any<Guid>(), Arg.Any<CancellationToken>()).Returns(new BuildReading { Now = Now });
        _store.TryCreateAsync(null!, null!, default).ReturnsForAnyArgs(true);
        _store.ReadDocumentsAsync(null!, default).ReturnsForAnyArgs(new DocumentReading { Documents = [], Now = Now });
    }

    [Fact]
    public async Task A_submission_waits_until_the_engine_has_started()
    {
        await using var services = CreateServices();
        var submitted = SubmitAsync(services);

        _store.ReceivedCalls().Should().BeEmpty();
        _started.SetResult();

        (await submitted).Key.Should().Be("build-1");
    }

    [Fact]
    public async Task A_submission_fails_as_the_start_does()
    {
        await using var services = CreateServices();
        TimeoutException failure = new();
        _started.SetException(failure);

        var submit = () => SubmitAsync(services);

        (await submit.Should().ThrowAsync<TimeoutException>()).Which.Should().BeSameAs(failure);
        _store.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task The_wait_of_a_submission_ends_with_its_token()
    {
        using CancellationTokenSource cancellation = new();
        await using var services = CreateServices();
        var submitted = SubmitAsync(services, cancellation.Token);

        await cancellation.CancelAsync();

        await submitted.Awaiting(static it => it).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task No_service_starts_before_the_engine()
    {
        var other = Substitute.For<IHostedService>();
        using var host = StageHost.Create(services =>
        {
            services.AddSingleton(other);
            Add(services);
        });
        var start = host.StartAsync();

        other.ReceivedCalls().Should().BeEmpty();
        _started.SetResult();

        await start.WaitAsync(StageHost.Safety);
        other.ReceivedCalls().Should().ContainSingle();
        await host.StopAsync();
    }

    [Fact]
    public async Task What_cannot_be_made_is_said_without_waiting_for_the_database()
    {
        using var host = StageHost.Create(services =>
        {
            Add(services).AddObserver<NeedyObserver>();
        });

        var start = () => host.StartAsync().WaitAsync(StageHost.Safety);

        await start.Should().ThrowAsync<InvalidOperationException>();
    }

    private static Task<Build> SubmitAsync(IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<IBuildOrchestrator>().SubmitAsync(Submissions.Of(key: "build-1"), cancellationToken);

    private ServiceProvider CreateServices()
    {
        ServiceCollection services = new();
        Add(services);
        return services.BuildServiceProvider();
    }

    private BuildOrchestrationBuilder Add(IServiceCollection services)
    {
        services.AddQueue().UseEngine(_ => _engine);
        services.AddSingleton(_store);
        return services.AddBuildOrchestration();
    }

    private sealed class NeedyObserver(Uri missing) : IBuildObserver
    {
        public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken) => throw new NotSupportedException(missing.ToString());
    }
}
