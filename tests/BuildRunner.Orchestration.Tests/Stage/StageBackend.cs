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

    /// <summary>Opens queue and store as another process would. They are not disposed of with the process.</summary>
    public abstract Task<(IQueueEngine Engine, IBuildStore Store)> OpenAsync();

    public async Task AdvanceAsync(TimeSpan by)
    {
        await AdvanceDataAsync(by);
        Time.Advance(by);
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task AdvanceDataAsync(TimeSpan by);
}
