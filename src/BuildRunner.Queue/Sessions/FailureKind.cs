namespace BuildRunner.Queue.Sessions;

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
