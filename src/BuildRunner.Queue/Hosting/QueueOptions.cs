namespace BuildRunner.Queue;

/// <summary>Provides options for the queue.</summary>
public sealed class QueueOptions
{
    /// <summary>Gets or sets the maximum size of a payload in bytes: 1 to 64 MiB. The default is 1 MiB.</summary>
    public int MaxPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>Gets or sets the time to wait at start for an unreachable database: zero (do not wait) to 1 hour. The default is 1
    /// minute.</summary>
    /// <remarks>A try in progress at that time continues until the driver's time-out.</remarks>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(1);
}
