namespace BuildRunner.Queue.Sessions;

/// <summary>Lets a container that is disposed synchronously dispose what is disposed asynchronously.</summary>
internal interface ISyncDisposable : IAsyncDisposable, IDisposable
{
    // On the pool, because a synchronization context of the caller may be blocked by this wait.
    void IDisposable.Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();
}
