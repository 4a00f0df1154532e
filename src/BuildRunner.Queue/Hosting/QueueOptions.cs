namespace BuildRunner.Queue;

/// <summary>
/// Represents what holds for a whole queue.
/// </summary>
public sealed class QueueOptions
{
    /// <summary>
    /// Gets or sets how many bytes a payload may have: 1 to 64 MiB. The default is 1 MiB.
    /// </summary>
    public int MaxPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Gets or sets how long the start of the host waits for a database that is not there yet: zero, which is not at all, to 1 hour. The default is 1 minute.
    /// </summary>
    /// <remarks>A try that is under way when the time is over still ends by the time-out of the driver.</remarks>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(1);
}
