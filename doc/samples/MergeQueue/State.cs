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

    /// <summary>The branch was deleted before it landed.</summary>
    Gone,

    /// <summary>Nobody knows: the machine could not tell.</summary>
    Unverified,
}
