namespace BuildRunner.Queue.Sessions;

/// <summary>Specifies what a failure of a database means for what was asked of it.</summary>
internal enum FailureKind
{
    /// <summary>Trying again does not help: a mistake of the program, of its configuration or of the schema.</summary>
    Permanent,

    /// <summary>It may work at once: a deadlock, a lock that was waited for in vain, a connection that broke, a server that starts or
    /// stops.</summary>
    Transient,

    /// <summary>The server can be read and not written: a standby, or a primary that was demoted. It may work at once on a new connection,
    /// which goes to where the address leads now.</summary>
    ReadOnly,

    /// <summary>The server did not answer in time. It may work later; each try takes as long as the time-out.</summary>
    TimedOut,

    /// <summary>The server refused what it was to store. Without that it may work.</summary>
    Content,
}
