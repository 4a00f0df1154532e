namespace BuildRunner.Peers;

/// <summary>A library that keeps jobs in PostgreSQL and runs them when they are due, in one process.</summary>
internal interface IPeer : IAsyncDisposable
{
    /// <summary>Gets a value indicating whether many jobs can be enqueued by one call.</summary>
    bool HasBulk { get; }

    /// <summary>Creates the tables, and starts workers if jobs are to run.</summary>
    Task StartAsync(bool works);

    /// <summary>Enqueues a job that is due after a delay, or at once.</summary>
    Task EnqueueAsync(int job, TimeSpan delay);

    /// <summary>Enqueues jobs by one call.</summary>
    Task EnqueueAllAsync(IReadOnlyList<(int Job, TimeSpan Delay)> jobs);
}
