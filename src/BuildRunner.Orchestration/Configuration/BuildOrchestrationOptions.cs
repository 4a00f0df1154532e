namespace BuildRunner.Orchestration;

/// <summary>
/// Represents what holds for all builds.
/// </summary>
/// <remarks>Validated when the host starts.</remarks>
public sealed class BuildOrchestrationOptions
{
    /// <summary>
    /// Gets or sets after which time a build is cancelled whose submission says nothing: more than zero, at most 365 days. The default is 6
    /// hours.
    /// </summary>
    public TimeSpan DefaultTimeout { get; set; } = TimeSpan.FromHours(6);

    /// <summary>
    /// Gets or sets how long a build that has ended is kept: 1 to 3650 days. Its key is free again then. The default is 30 days.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);
}
