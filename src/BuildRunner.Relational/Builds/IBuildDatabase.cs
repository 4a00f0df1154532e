using System.Data.Common;

namespace BuildRunner.Relational;

/// <summary>
/// Provides the database of a queue that keeps builds as well.
/// </summary>
/// <remarks>Safe for use by several threads.</remarks>
internal interface IBuildDatabase : IQueueDatabase
{
    /// <summary>
    /// Gets how the database says what not all say in the same way.
    /// </summary>
    BuildDialect BuildDialect { get; }

    /// <summary>
    /// Reads rows, then the clock, in one round trip where there are any. No transaction is begun, and nothing is waited for that writes.
    /// </summary>
    /// <param name="statement">The statement.</param>
    /// <param name="read">What is called for each row. It must not keep the reader.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The clock, read after the rows.</returns>
    Task<QueueClock> ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken);
}
