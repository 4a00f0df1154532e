namespace MergeQueue;

/// <summary>How a branch stands. Those behind one that is waiting, building, green or landed are built on top of it.</summary>
internal enum State
{
    /// <summary>It failed on top of branches that are undecided and may be to blame.</summary>
    Suspect,
    Waiting,
    Building,
    Green,
    Landed,

    /// <summary>It is to blame. From here on, nothing is done for it any more.</summary>
    Rejected,

    /// <summary>The machine or the CI failed, or the build was refused twice. The next start tries again.</summary>
    Undecided,

    /// <summary>It was deleted, or taken off the target.</summary>
    Gone,
}
