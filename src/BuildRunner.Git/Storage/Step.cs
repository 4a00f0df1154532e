namespace BuildRunner.Git.Storage;

/// <summary>What a process has just done for a build when it is killed by a test: everything that a later start could find half done.</summary>
internal enum Step
{
    /// <summary>The build has its entry in the queue, claimed, but no record.</summary>
    Queued,

    /// <summary>The record is in its place, but may not be on the disk.</summary>
    RecordWritten,

    /// <summary>The record is on the disk.</summary>
    Recorded,

    /// <summary>The key leads to the build, but may not be on the disk.</summary>
    KeyLinked,

    /// <summary>The build is accepted, but nobody has been told.</summary>
    Accepted,

    /// <summary>The build is claimed in order to run it.</summary>
    Claimed,

    /// <summary>A work tree is claimed.</summary>
    SlotClaimed,

    /// <summary>The work tree says what is going to run there.</summary>
    SlotMarked,

    /// <summary>The build says that it runs.</summary>
    Started,

    /// <summary>The changes are merged, but nothing holds the result.</summary>
    Merged,

    /// <summary>The changes are merged and the result is held.</summary>
    Applied,

    /// <summary>The result is checked out.</summary>
    CheckedOut,

    /// <summary>The command has been started, but nothing says which process it is.</summary>
    Spawned,

    /// <summary>The command runs.</summary>
    Running,

    /// <summary>The command has ended and nothing of it is left.</summary>
    CommandEnded,

    /// <summary>The work tree is free again.</summary>
    SlotReleased,

    /// <summary>The result is in its place, but may not be on the disk.</summary>
    ResultWritten,

    /// <summary>The result is on the disk.</summary>
    ResultRecorded,

    /// <summary>The build has left the queue.</summary>
    Dequeued,
}
