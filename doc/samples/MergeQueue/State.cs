namespace MergeQueue;

/// <summary>The state of a branch.</summary>
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
