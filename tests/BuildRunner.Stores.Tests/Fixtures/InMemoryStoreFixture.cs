namespace BuildRunner.Stores.Tests.Fixtures;

/// <summary>The store in memory. It has one process only, which all that is opened shares.</summary>
public sealed class InMemoryStoreFixture : StoreFixture
{
    private readonly InMemoryFixture _queue = new();
    private OpenStore? _store;

    public override EngineFixture Queue => _queue;

    internal override async Task<OpenStore> OpenAsync()
    {
        var engine = (InMemoryQueueEngine)await _queue.OpenAsync();
        return _store ??= new(engine, new InMemoryBuildStore(engine, _queue.Clock));
    }
}
