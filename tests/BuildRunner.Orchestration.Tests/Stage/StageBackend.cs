using BuildRunner.Queue.Engines;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>The data that all processes of a test share, and its clock.</summary>
public abstract class StageBackend : IAsyncDisposable
{
    /// <summary>Gets what the clocks show before they are moved.</summary>
    public static DateTimeOffset Start { get; } = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>Gets the clock of the processes and of the fake runners. It is moved with that of the data.</summary>
    public FakeTimeProvider Time { get; } = new(Start);

    internal TopicChanges Changes { get; } = new();

    /// <summary>Moves the clocks, on from one full millisecond to another, so that they show the same also where that of the data is a coarser one.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        by = TimeSpan.FromMilliseconds(Math.Ceiling(by.TotalMilliseconds));
        await AdvanceDataAsync(by);
        Time.Advance(by);
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Opens queue and store as another process would.</summary>
    /// <param name="hook">What its calls go through.</param>
    /// <param name="decorate">What is put around the store, below the hook, or <see langword="null"/> for nothing.</param>
    internal async Task<(IQueueEngine Engine, IBuildStore Store)> OpenAsync(CallHook hook, Func<IBuildStore, IBuildStore>? decorate = null)
    {
        var (engine, store) = await OpenDataAsync(hook);
        return (new HookedEngine(engine, hook, Changes), new HookedStore(decorate is null ? store : decorate(store), hook, Changes));
    }

    /// <summary>Opens queue and store. They are disposed of with the data, not with the process.</summary>
    private protected abstract Task<(IQueueEngine Engine, IBuildStore Store)> OpenDataAsync(CallHook hook);

    protected abstract Task AdvanceDataAsync(TimeSpan by);
}
