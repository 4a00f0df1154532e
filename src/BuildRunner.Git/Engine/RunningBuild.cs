using System.Runtime.Versioning;

namespace BuildRunner.Git.Engine;

/// <summary>Represents a build that this process runs.</summary>
/// <param name="build">The build.</param>
/// <param name="takesRoom">Whether it counts towards the limit of concurrent builds at first. A build that is only ended does not.</param>
[SupportedOSPlatform("linux")]
internal sealed class RunningBuild(ClaimedBuild build, bool takesRoom) : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();

    public ClaimedBuild Build => build;

    /// <summary>Gets or sets a value indicating whether it counts towards the limit of concurrent builds.</summary>
    public bool TakesRoom { get; set; } = takesRoom;

    /// <summary>Gets or sets what it waits for before it can end, or <see langword="null"/>.</summary>
    public string? WaitsFor { get; set; }

    /// <summary>Gets a token that is cancelled when the build is to be stopped.</summary>
    public CancellationToken CancelRequested => _cancel.Token;

    /// <summary>Requests the stop of the build. Callbacks run on another thread, so this may be called under a lock.</summary>
    public void Cancel() => _ = _cancel.CancelAsync();

    public void Dispose()
    {
        // The source is left to the collector: it may be in use by a cancellation, and it has no timer.
        build.Dispose();
    }
}
