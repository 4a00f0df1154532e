namespace BuildRunner.Queue;

/// <summary>Specifies the result of publishing a message.</summary>
/// <remarks>No value is zero, so an unconfigured mock never reports success.</remarks>
public enum PublishResult
{
    /// <summary>The message is stored.</summary>
    Stored = 1,

    /// <summary>The topic already has an unsettled message with this partition key and id. It keeps its payload and headers, becomes
    /// visible at the earlier of the two times, and is handled again if it is being handled now.</summary>
    Duplicate = 2,
}
