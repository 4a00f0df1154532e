namespace BuildRunner.Queue;

/// <summary>
/// Represents what holds for a whole queue.
/// </summary>
public sealed class QueueOptions
{
    /// <summary>
    /// Gets or sets how many bytes a payload may have: 1 to 64 MiB. The default is 1 MiB.
    /// </summary>
    public int MaxPayloadSize { get; set; } = 1024 * 1024;
}
