namespace BuildRunner.Git.Merged;

/// <summary>Lists the steps of a trigger and a landing after which a test kills the process: everything that a later call may find half
/// done.</summary>
internal enum MergedStep
{
    /// <summary>Everything is fetched.</summary>
    Fetched,

    /// <summary>The changes are merged, but not pushed.</summary>
    Merged,

    /// <summary>Commit and record are pushed, but no build is triggered.</summary>
    Pushed,

    /// <summary>The build is triggered, but the record does not name it.</summary>
    Triggered,

    /// <summary>The record names the build, but the trigger has not returned.</summary>
    Recorded,

    /// <summary>The runner has created no build, but what was pushed still exists.</summary>
    Rejected,

    /// <summary>What was pushed is deleted again, but the trigger has not returned.</summary>
    Withdrawn,

    /// <summary>The target was read, but not moved.</summary>
    Compared,

    /// <summary>The target was moved, but the reference of the build still exists.</summary>
    Moved,
}
