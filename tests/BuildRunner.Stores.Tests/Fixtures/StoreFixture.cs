namespace BuildRunner.Stores.Tests.Fixtures;

/// <summary>An empty store in the database of an empty queue. Every engine has one, and every suite runs on it.</summary>
public abstract class StoreFixture : IAsyncDisposable
{
    /// <summary>Gets the queue in the same database.</summary>
    public abstract EngineFixture Queue { get; }

    /// <summary>Opens the store as another process would, without starting anything.</summary>
    internal abstract Task<OpenStore> OpenAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Queue.DisposeAsync();
    }
}
