namespace BuildRunner.Orchestration;

/// <summary>
/// Specifies why a build is to be cancelled.
/// </summary>
public enum BuildCancelCause
{
    /// <summary>
    /// It is not to be cancelled.
    /// </summary>
    None = 0,

    /// <summary>
    /// A caller has asked for it.
    /// </summary>
    Caller = 1,

    /// <summary>
    /// Its deadline has passed.
    /// </summary>
    Deadline = 2,

    /// <summary>
    /// A message of the build stage about it has become a dead letter.
    /// </summary>
    DeadLetter = 3,
}
