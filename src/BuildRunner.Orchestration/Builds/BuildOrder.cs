namespace BuildRunner.Orchestration;

/// <summary>
/// Specifies the order in which builds are listed. Both go by the text of <see cref="Build.Id"/>, which begins with the millisecond of the
/// submission.
/// </summary>
public enum BuildOrder
{
    /// <summary>
    /// The build that was submitted last comes first.
    /// </summary>
    NewestFirst,

    /// <summary>
    /// The build that was submitted first comes first.
    /// </summary>
    OldestFirst,
}
