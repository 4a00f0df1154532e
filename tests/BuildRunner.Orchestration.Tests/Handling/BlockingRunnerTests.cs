using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>A runner that does all before it returns its task, as one on a client that is not asynchronous.</summary>
public sealed class BlockingRunnerTests : IAsyncDisposable
{
    private static readonly TimeSpan Safety = TimeSpan.FromMinutes(1);

    private readonly HandlerFixture _fixture = new(configure: static stage => stage.Services.AddSingleton(RunnerThreads.Default));
    private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _answer = new();

    public async ValueTask DisposeAsync()
    {
        _answer.Set();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Its_poll_is_given_up_as_any_other()
    {
        _fixture.Current = _fixture.Running();
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(_ => Block(new BuildSnapshot { Status = BuildStatus.Running }));
        var handling = Task.Run(() => _fixture.DeliverAsync<PollHandler>());
        await _called.Task;

        _fixture.Time.Advance(new BuildRunnerOptions().CallTimeout);

        (await handling.WaitAsync(Safety)).Kind.Should().Be(OutcomeKind.Postpone);
        _fixture.Current.Bookkeeping.ErrorsInARow.Should().Be(1);
    }

    [Fact]
    public async Task Its_trigger_is_waited_for_when_the_host_stops()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(_ => Block(HandlerFixture.RemoteId));
        var handling = Task.Run(() => _fixture.DeliverAsync<TriggerHandler>());
        await _called.Task;

        var stopped = ActivatorUtilities.CreateInstance<OrchestrationHostedService>(_fixture.Services).StoppedAsync(CancellationToken.None);
        var isWaitedFor = !stopped.IsCompleted;
        _answer.Set();
        await stopped.WaitAsync(Safety);

        isWaitedFor.Should().BeTrue();
        _fixture.Current!.RemoteId.Should().Be(HandlerFixture.RemoteId);
        (await handling.WaitAsync(Safety)).Should().Be(Outcome.Done);
    }

    [Fact]
    public async Task It_is_called_on_threads_of_its_own_once_it_is_known_to_block()
    {
        bool? isOfPool = null;
        _fixture.Current = _fixture.Running();
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(_ => Block(new BuildSnapshot { Status = BuildStatus.Running }), _ =>
        {
            isOfPool = Thread.CurrentThread.IsThreadPoolThread;
            return Task.FromResult(new BuildSnapshot { Status = BuildStatus.Succeeded });
        });
        var blocked = Task.Run(() => _fixture.DeliverAsync<PollHandler>());
        await _called.Task;
        _fixture.Time.Advance(new BuildRunnerOptions().CallTimeout);
        await blocked.WaitAsync(Safety);

        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await _fixture.DeliverAsync<PollHandler>();

        isOfPool.Should().BeFalse("it would hold those that other runners need");
    }

    private Task<T> Block<T>(T answer)
    {
        _called.TrySetResult();
        _answer.Wait();
        return Task.FromResult(answer);
    }
}
