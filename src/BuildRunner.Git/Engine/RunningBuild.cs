using System.Runtime.Versioning;

namespace BuildRunner.Git.Engine;

/// <summary>A build that this process runs.</summary>
/// <param name="build">The build.</param>
/// <param name="takesRoom">Whether it counts as one of those that may run at a time, to begin with. One that is only to be ended does not.</param>
[SupportedOSPlatform("linux")]
internal sealed class RunningBuild(ClaimedBuild build, bool takesRoom) : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();

    public ClaimedBuild Build => build;

    /// <summary>Gets or sets a value indicating whether it counts as one of those that may run at a time.</summary>
    public bool TakesRoom { get; set; } = takesRoom;

    /// <summary>Gets or sets what it waits for in order to be ended, or <see langword="null"/>.</summary>
    public string? WaitsFor { get; set; }

    /// <summary>Gets a token that is cancelled when somebody has asked for the build to be stopped.</summary>
    public CancellationToken CancelRequested => _cancel.Token;

    /// <summary>Asks for the build to be stopped. What waits for that goes on elsewhere, so that this can be called under a lock.</summary>
    public void Cancel() => _ = _cancel.CancelAsync();

    public void Dispose()
    {
        // The source is left to the collector: somebody may be cancelling it, and it has no timer.
        build.Dispose();
    }
}
