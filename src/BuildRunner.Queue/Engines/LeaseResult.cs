namespace BuildRunner.Queue.Engines;

/// <summary>
/// Specifies what has become of a settlement or of a renewal.
/// </summary>
internal enum LeaseResult
{
    /// <summary>
    /// It is done.
    /// </summary>
    Applied,

    /// <summary>
    /// The lease has ended before: nothing is changed, now or ever.
    /// </summary>
    Stale,

    /// <summary>
    /// Another transaction has locked the partition: nothing is changed, and the next round should try again.
    /// </summary>
    Busy,
}
