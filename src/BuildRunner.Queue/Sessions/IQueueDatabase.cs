namespace BuildRunner.Queue.Sessions;

/// <summary>Runs transactions in the queue's database. Safe for use by several threads.</summary>
internal interface IQueueDatabase : ISyncDisposable
{
    /// <summary>Gets the name of the database for telemetry, such as <c>postgresql</c>.</summary>
    string Name { get; }

    /// <summary>Gets the subscriptions of consumers. The database wakes them after each commit by <see cref="QueueChanges.Wakes"/>, and
    /// when another process notifies it.</summary>
    WakeSignals Signals { get; }

    /// <summary>Brings the schema up to date, under a lock.</summary>
    /// <exception cref="InvalidOperationException">This program cannot serve the schema, or the server is not supported.</exception>
    Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Runs work in a transaction, alone or with other work, and returns its result. If it throws, nothing is done.</summary>
    /// <remarks>The work may be called several times; its result counts only after the commit. A cancelled call may still take
    /// effect.</remarks>
    Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Classifies a failure. This is the only place that interprets the exceptions of a driver.</summary>
    FailureKind KindOf(Exception exception);
}

/// <summary>Specifies how to react to a failure of a database.</summary>
internal enum FailureKind
{
    /// <summary>A retry does not help: a mistake in the program, its configuration or the schema.</summary>
    Permanent,

    /// <summary>A retry may succeed at once: a deadlock, a lock time-out, a broken connection, a server that starts or stops.</summary>
    Transient,

    /// <summary>The server is read-only: a standby or a demoted primary. A retry on a new connection may succeed, if the address
    /// moved.</summary>
    ReadOnly,

    /// <summary>The server did not answer in time. A later retry may succeed; each try takes as long as the time-out.</summary>
    TimedOut,

    /// <summary>The server refused the content. A retry may succeed without it.</summary>
    Content,
}
