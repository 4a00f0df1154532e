namespace BuildRunner.Orchestration;

/// <summary>Represents the options of all builds.</summary>
/// <remarks>Validated when the host starts.</remarks>
public sealed class BuildOrchestrationOptions
{
    /// <summary>Gets or sets the time after which a build is cancelled if neither its submission nor its runner sets one: more than zero,
    /// at most 365 days. The default is 6 hours.</summary>
    public TimeSpan DefaultTimeout { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Gets or sets the time for which an ended build and its key are kept: 1 to 3650 days. The default is 30 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);
}
