using BuildRunner.Queue.Engines;

namespace BuildRunner.Orchestration.Tests.Stage;

public sealed class InMemoryBackend : StageBackend
{
    private readonly InMemoryQueueEngine _engine;
    private readonly InMemoryBuildStore _store;

    public InMemoryBackend()
    {
        _engine = new InMemoryQueueEngine(Time);
        _store = new InMemoryBuildStore(_engine, Time);
    }

    public override ValueTask DisposeAsync() => _engine.DisposeAsync();

    private protected override Task<(IQueueEngine Engine, IBuildStore Store)> OpenDataAsync(CallHook hook) => Task.FromResult<(IQueueEngine, IBuildStore)>((_engine, _store));

    // It goes by the same clock.
    protected override Task AdvanceDataAsync(TimeSpan by) => Task.CompletedTask;
}
