
namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>The engine in memory. It has one process only, which all that is opened shares.</summary>
[EnginePackage("BuildRunner.Queue")]
public sealed class InMemoryFixture : EngineFixture
{
    // The clock of the queue can be set back, which the fake one refuses.
    private readonly MovableClock _clock = new(Start);
    private InMemoryQueueEngine _engine = null!;

    /// <summary>Gets the clock, for what else goes by it.</summary>
    public TimeProvider Clock => _clock;

    public override int ModelRuns => 3500;

    public override ValueTask InitializeAsync()
    {
        _engine = new InMemoryQueueEngine(_clock);
        return ValueTask.CompletedTask;
    }

    internal override Task<IQueueEngine> OpenAsync() => Task.FromResult<IQueueEngine>(_engine);

    internal override Task<IQueueEngine> OpenWithRealClockAsync() => Task.FromResult<IQueueEngine>(new InMemoryQueueEngine(TimeProvider.System));

    public override Task AdvanceAsync(TimeSpan by)
    {
        _clock.Now += by;
        return Task.CompletedTask;
    }

    public override Task<(long Partitions, long Messages)> SizeAsync() => Task.FromResult<(long, long)>((_engine.Size.Partitions, _engine.Size.Messages));

    public override ValueTask DisposeAsync() => _engine.DisposeAsync();

    private sealed class MovableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
