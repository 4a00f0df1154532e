namespace BuildRunner.Git.Storage;

/// <summary>Lists the steps of a build after which a test kills the process: everything that a later start may find half done.</summary>
internal enum Step
{
    /// <summary>The build is queued and claimed, but has no record.</summary>
    Queued,

    /// <summary>The record is written, but may not be durable.</summary>
    RecordWritten,

    /// <summary>The record is durable.</summary>
    Recorded,

    /// <summary>The key is assigned, but may not be durable.</summary>
    KeyLinked,

    /// <summary>The build is accepted, but its id is not returned yet.</summary>
    Accepted,

    /// <summary>The build is claimed to run it.</summary>
    Claimed,

    /// <summary>A work tree is claimed.</summary>
    SlotClaimed,

    /// <summary>The work tree names what is going to run there.</summary>
    SlotMarked,

    /// <summary>The build is recorded as running.</summary>
    Started,

    /// <summary>The changes are merged, but no reference holds the result.</summary>
    Merged,

    /// <summary>The changes are merged, and a reference holds the result.</summary>
    Applied,

    /// <summary>The result is checked out.</summary>
    CheckedOut,

    /// <summary>The command has started, but its process is not recorded yet.</summary>
    Spawned,

    /// <summary>The command runs.</summary>
    Running,

    /// <summary>The command has ended and no process of it is left.</summary>
    CommandEnded,

    /// <summary>The work tree is free again.</summary>
    SlotReleased,

    /// <summary>The result is written, but may not be durable.</summary>
    ResultWritten,

    /// <summary>The result is durable.</summary>
    ResultRecorded,

    /// <summary>The build has left the queue.</summary>
    Dequeued,
}
