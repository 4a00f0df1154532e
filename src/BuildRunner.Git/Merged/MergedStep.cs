namespace BuildRunner.Git.Merged;

/// <summary>What a process has just done for a trigger or a landing when it is killed by a test: everything that a later call could find half done.</summary>
internal enum MergedStep
{
    /// <summary>Everything is fetched.</summary>
    Fetched,

    /// <summary>The changes are merged, and nobody else knows it.</summary>
    Merged,

    /// <summary>Commit and record are at the remote, and no build was triggered.</summary>
    Pushed,

    /// <summary>The build is triggered, and the record does not name it.</summary>
    Triggered,

    /// <summary>The record names the build, and nobody has been told.</summary>
    Recorded,

    /// <summary>The runner has created nothing, and what was pushed is still there.</summary>
    Rejected,

    /// <summary>What was pushed is deleted again, and nobody has been told.</summary>
    Withdrawn,

    /// <summary>The target was looked at, and not moved.</summary>
    Compared,

    /// <summary>The target was moved, and the reference of the build is still there.</summary>
    Moved,
}
