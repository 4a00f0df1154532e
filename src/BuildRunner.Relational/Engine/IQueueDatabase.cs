using System.Data.Common;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Relational;

/// <summary>
/// Provides the transactions of a database that has a queue.
/// </summary>
/// <remarks>Safe for use by several threads.</remarks>
internal interface IQueueDatabase : IAsyncDisposable
{
    /// <summary>
    /// Gets the name of the database for telemetry, such as <c>postgresql</c>.
    /// </summary>
    string Name { get; }

    /// <summary>
    /// Gets those who wait for messages. The database wakes them after each commit as <see cref="QueueChanges.Wakes"/> of its sessions say, and when it hears of another process.
    /// </summary>
    WakeSignals Signals { get; }

    /// <summary>
    /// Brings the schema up to date, under a lock.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task for the operation.</returns>
    /// <exception cref="InvalidOperationException">The schema is one that this version cannot serve, or the server is one that cannot have a queue.</exception>
    Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Gets a value indicating whether the schema is up to date. It is read in a caller's transaction, because another connection might wait for that.
    /// </summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns><see langword="true"/> if nothing is to be migrated; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="transaction"/> is one of another driver, or is over.</exception>
    /// <exception cref="InvalidOperationException">The schema is one that this version cannot serve.</exception>
    Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken);

    /// <summary>
    /// Does work in a transaction of its own, or in one with other work, and commits it. Where it throws, nothing is done.
    /// </summary>
    /// <typeparam name="T">What the work gives.</typeparam>
    /// <param name="work">The work. It may be called several times, and its result counts only once it is committed.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.
    /// After a cancellation, it is not known whether the work is done.</param>
    /// <returns>What the work gave, after the commit.</returns>
    Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a session in a caller's transaction, which the caller commits.
    /// </summary>
    /// <param name="transaction">The transaction.</param>
    /// <returns>The session, for the caller to dispose of.</returns>
    /// <exception cref="ArgumentException"><paramref name="transaction"/> is one of another driver, or is over.</exception>
    QueueSession Join(DbTransaction transaction);

    /// <summary>
    /// Gets what a failure means for what was asked. It is the one place where all that a driver throws is told apart.
    /// </summary>
    /// <param name="exception">The failure.</param>
    /// <returns>What it means.</returns>
    FailureKind KindOf(Exception exception);
}
