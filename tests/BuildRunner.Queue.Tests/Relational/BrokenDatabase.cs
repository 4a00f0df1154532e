namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A database that fails so many times.</summary>
internal sealed class BrokenDatabase(int failures, bool isTransient) : IQueueDatabase
{
    public int Tries { get; private set; }

    public string Name => "broken";

    public WakeSignals Signals { get; } = new();

    public int MigrationFailures { get; set; }

    public int Migrations { get; private set; }

    /// <summary>Gets what a migration waits for before it ends.</summary>
    public Task Answer { get; init; } = Task.CompletedTask;

    /// <summary>Gets what the failures are.</summary>
    public FailureKind? Kind { get; init; }

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        Migrations++;
        var fails = MigrationFailures-- > 0;
        await Answer;
        if (fails)
        {
            throw new TimeoutException();
        }
    }

    public Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken) =>
        ++Tries <= failures ? throw new TimeoutException() : Task.FromResult((T)(object)Array.Empty<PublishResult>());

    public FailureKind KindOf(Exception exception) => Kind ?? (isTransient && exception is TimeoutException ? FailureKind.Transient : FailureKind.Permanent);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
