namespace MergeQueue;

/// <summary>How a branch stands.</summary>
internal enum State
{
    Waiting,
    Running,
    Green,
    Red,
    Landed,
    Dropped,

    /// <summary>Nobody knows: the machine could not tell.</summary>
    Unverified,
}
