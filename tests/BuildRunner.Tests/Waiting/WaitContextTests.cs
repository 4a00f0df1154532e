namespace BuildRunner.Tests.Waiting;

/// <summary>A caller with a synchronization context, such as a user interface, may block on a wait: the wait must not need that context.</summary>
public sealed class WaitContextTests
{
    private readonly RecordingTimeProvider _clock = new();
    private readonly CountingContext _context = new();

    private BuildWaitOptions Options => new() { TimeProvider = _clock };

    [Theory]
    [InlineData(WaitKind.Completion)]
    [InlineData(WaitKind.Watch)]
    public async Task It_goes_on_without_the_context_after_a_delay(WaitKind kind)
    {
        var runner = new ScriptedBuildRunner(Answer.Fails(Answer.Transient()), Answer.Succeeded);
        var wait = Start(kind, runner);

        await _clock.PassDelayAsync(wait);

        await wait;
        _context.Posts.Should().Be(0);
    }

    [Theory]
    [InlineData(WaitKind.Completion)]
    [InlineData(WaitKind.Watch)]
    public async Task It_goes_on_without_the_context_after_an_answer_that_takes_time(WaitKind kind)
    {
        var answer = new TaskCompletionSource<BuildSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        var wait = Start(kind, new ScriptedBuildRunner(_ => answer.Task));

        answer.SetResult(new BuildSnapshot { Status = BuildStatus.Succeeded });

        await wait;
        _context.Posts.Should().Be(0);
    }

    private Task Start(WaitKind kind, ScriptedBuildRunner runner)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            // One step of the enumerator, because a loop would use the context by itself.
            return kind is WaitKind.Completion
                ? runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options)
                : runner.WatchAsync(ScriptedBuildRunner.Build, Options).GetAsyncEnumerator().MoveNextAsync().AsTask();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class CountingContext : SynchronizationContext
    {
        private int _posts;

        public int Posts => Volatile.Read(ref _posts);

        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.Increment(ref _posts);
            base.Post(d, state);
        }
    }
}
