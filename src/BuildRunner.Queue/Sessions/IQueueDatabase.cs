namespace BuildRunner.Queue.Sessions;

/// <summary>Runs the transactions of a database that has a queue. Safe for use by several threads.</summary>
internal interface IQueueDatabase : IAsyncDisposable
{
    /// <summary>Gets the name of the database for telemetry, such as <c>postgresql</c>.</summary>
    string Name { get; }

    /// <summary>Gets the subscriptions of those who wait for messages. The database wakes them after each commit as
    /// <see cref="QueueChanges.Wakes"/> says, and when it hears of another process.</summary>
    WakeSignals Signals { get; }

    /// <summary>Brings the schema up to date, under a lock.</summary>
    /// <exception cref="InvalidOperationException">This version cannot serve the schema, or the server cannot have a queue.</exception>
    Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Does work in a transaction of its own, or in one with other work, commits it and returns its result. Where it throws,
    /// nothing is done.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="work">The work. It may be called several times, and its result counts only once it is committed.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. After a cancellation, it is not known whether the
    /// work is done.</param>
    Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Gets what a failure means for what was asked. It is the one place where all that a driver throws is told apart.</summary>
    FailureKind KindOf(Exception exception);
}
