namespace BuildRunner.Queue;

/// <summary>
/// Specifies what has become of a message that was published.
/// </summary>
/// <remarks>No value is zero, so a mock that was told nothing answers with none of them.</remarks>
public enum PublishResult
{
    /// <summary>
    /// The message is stored.
    /// </summary>
    Stored = 1,

    /// <summary>
    /// The topic has a message of this partition key and id that is not settled. Its payload and headers stay; it becomes visible at the earlier of the two times, and is handled once more where it is being handled.
    /// </summary>
    Duplicate = 2,
}
