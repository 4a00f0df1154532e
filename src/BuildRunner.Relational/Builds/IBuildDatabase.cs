using System.Data.Common;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.Relational;

/// <summary>Runs the transactions of a SQL database that has a queue and keeps builds as well. Safe for use by several threads.</summary>
internal interface IBuildDatabase : IQueueDatabase
{
    /// <summary>Gets how the database says what not all say in the same way.</summary>
    BuildDialect BuildDialect { get; }

    /// <summary>Gets a value indicating whether the schema is up to date. It is read in a caller's transaction, because another connection
    /// might wait for that.</summary>
    /// <exception cref="ArgumentException"><paramref name="transaction"/> is one of another driver, or is over.</exception>
    /// <exception cref="InvalidOperationException">The schema is one that this version cannot serve.</exception>
    Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken);

    /// <summary>Makes a session in a caller's transaction, which the caller commits. The session is for this program to dispose
    /// of.</summary>
    /// <exception cref="ArgumentException"><paramref name="transaction"/> is one of another driver, or is over.</exception>
    QueueSession Join(DbTransaction transaction);

    /// <summary>Reads rows, then the clock, in one round trip where there are any. No transaction is begun, and nothing is waited for that
    /// writes.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="read">What is called for each row. It must not keep the reader.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    Task<QueueClock> ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken);
}
