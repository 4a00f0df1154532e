namespace BuildRunner.Relational;

/// <summary>Runs transactions in a SQL database with a queue and builds. Safe for use by several threads.</summary>
internal interface IBuildDatabase : IQueueDatabase
{
    /// <summary>Gets the SQL that differs between databases.</summary>
    BuildDialect BuildDialect { get; }

    /// <summary>Determines whether the schema is up to date. Another connection might wait for the transaction.</summary>
    /// <exception cref="ArgumentException"><paramref name="transaction"/> belongs to another driver or has ended.</exception>
    /// <exception cref="InvalidOperationException">This program cannot serve the schema.</exception>
    Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken);

    /// <summary>Creates a session in a transaction that the caller commits. Dispose the session.</summary>
    /// <exception cref="ArgumentException"><paramref name="transaction"/> belongs to another driver or has ended.</exception>
    QueueSession Join(DbTransaction transaction);

    /// <summary>Reads rows, then the clock, in one round trip if there are any. Begins no transaction and waits for no writer. A call for a
    /// row must not keep the reader.</summary>
    Task<QueueClock> ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken);
}
