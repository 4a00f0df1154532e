namespace BuildRunner.Stores.Tests.Fixtures;

/// <summary>A store and the queue that is in the same database, as one process has them.</summary>
internal sealed record OpenStore(IQueueEngine Engine, IBuildStore Store) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
