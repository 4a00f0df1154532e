using BuildRunner.Queue;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration.Tests.Hosting;

/// <summary>A host that fails to start disposes its services without stopping them.</summary>
public sealed class FailedStartTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"failed-start-{Guid.NewGuid():n}.db");
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<BuildId> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IBuildRunner _runner = Substitute.For<IBuildRunner>();

    public FailedStartTests() => _runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns(_ =>
    {
        _asked.TrySetResult();
        return _answer.Task;
    });

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_file)!, Path.GetFileName(_file) + "*"))
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task The_answer_to_a_trigger_is_waited_for_and_saved_before_what_saves_it_is_disposed_of()
    {
        var host = CreateFailing();
        await FluentActions.Awaiting(() => host.StartAsync()).Should().ThrowAsync<NotSupportedException>();

        var stage = host.Services.GetServices<IHostedService>().OfType<OrchestrationHostedService>().Single();
        var disposing = stage.DisposeAsync().AsTask();
        var early = disposing.IsCompleted;
        _answer.SetResult(new BuildId("remote-1"));
        await disposing.WaitAsync(StageHost.Safety);

        early.Should().BeFalse();
        (await host.Services.GetRequiredService<IBuildOrchestrator>().FindAsync("build-1"))!.RemoteId.Should().Be(new BuildId("remote-1"));
        host.Dispose();
    }

    [Fact, Slow]
    public async Task A_trigger_that_is_not_answered_is_not_waited_for_without_end()
    {
        var host = CreateFailing();
        await FluentActions.Awaiting(() => host.StartAsync()).Should().ThrowAsync<NotSupportedException>();

        await ((IAsyncDisposable)host).DisposeAsync().AsTask().WaitAsync(StageHost.Safety);

        using var next = Create(static _ => { });
        var left = await next.Services.GetRequiredService<IBuildOrchestrator>().FindAsync("build-1");
        left!.Bookkeeping.TriggerAttemptedAt.Should().NotBeNull("the next process looks into it");
    }

    private IHost CreateFailing() => Create(services => services.AddSingleton<IHostedService>(
        provider => new FailingService(provider.GetRequiredService<IBuildOrchestrator>(), _asked.Task)));

    private IHost Create(Action<IServiceCollection> configure) => StageHost.Create(services =>
    {
        services.AddQueue().UseSqlite($"Data Source={_file}");
        services.AddKeyedSingleton("ci", _runner);
        services.AddBuildOrchestration().AddRunner("ci", StageHost.Hasten).IgnoreChanges();
        configure(services);
    });

    private sealed class FailingService(IBuildOrchestrator builds, Task asked) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await builds.SubmitAsync(Stage.Submissions.Of(), cancellationToken);
            await asked.WaitAsync(StageHost.Safety, cancellationToken);
            throw new NotSupportedException("It cannot start.");
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
