using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>Calls of a runner for which no thread is free in their time.</summary>
public sealed class BusyPoolTests : IAsyncDisposable
{
    private readonly BusyScheduler _scheduler = new();
    private readonly HandlerFixture _fixture;

    public BusyPoolTests() => _fixture = new(configure: stage => stage.Services.AddSingleton(new RunnerThreads(_scheduler)));

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_trigger_is_never_made_then_and_its_outcome_is_known()
    {
        var handling = _fixture.DeliverAsync<TriggerHandler>();
        _fixture.Time.Advance(new BuildRunnerOptions().TriggerTimeout);
        var outcome = await handling;

        _scheduler.Run();

        outcome.Kind.Should().Be(OutcomeKind.Postpone);
        _fixture.Current.Should().Match<Build>(static build => build.Bookkeeping.TriggerAttemptedAt == null && build.Bookkeeping.ErrorsInARow == 1);
        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task A_poll_is_put_off_then_and_says_nothing_of_the_runner()
    {
        _fixture.Current = _fixture.Running();
        var handling = _fixture.DeliverAsync<PollHandler>();
        _fixture.Time.Advance(new BuildRunnerOptions().CallTimeout);
        var outcome = await handling;

        _scheduler.Run();

        outcome.Kind.Should().Be(OutcomeKind.Postpone);
        _fixture.Services.GetRequiredService<RunnerClients>().Get("ci").FailingFor.Should().BeNull();
        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    /// <summary>Starts nothing until it is told to.</summary>
    private sealed class BusyScheduler : TaskScheduler
    {
        private readonly Queue<Task> _tasks = [];

        public void Run()
        {
            while (_tasks.TryDequeue(out var task))
            {
                TryExecuteTask(task);
            }
        }

        protected override void QueueTask(Task task) => _tasks.Enqueue(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => _tasks;
    }
}
