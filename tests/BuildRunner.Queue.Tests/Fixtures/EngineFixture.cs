namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>An empty queue of one engine. The test moves its clock. Every engine has one, and every suite runs on it.</summary>
public abstract class EngineFixture : IAsyncDisposable
{
    /// <summary>Gets what the queue's clock shows before it is moved.</summary>
    public static DateTimeOffset Start { get; } = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>Gets how many random sequences the engine is compared with the model by. One has about thirty operations.</summary>
    public virtual int ModelRuns => 60;

    /// <summary>Makes the queue.</summary>
    public abstract ValueTask InitializeAsync();

    /// <summary>Opens the queue as another process would.</summary>
    internal abstract Task<IQueueEngine> OpenAsync();

    /// <summary>Opens a queue that goes by the clock that it has in production.</summary>
    internal abstract Task<IQueueEngine> OpenWithRealClockAsync();

    /// <summary>Moves the queue's clock, back where the time is negative.</summary>
    public abstract Task AdvanceAsync(TimeSpan by);

    /// <summary>Counts the messages and the partitions that are stored.</summary>
    public abstract Task<(long Partitions, long Messages)> SizeAsync();

    /// <summary>Deletes the queue.</summary>
    public abstract ValueTask DisposeAsync();
}
