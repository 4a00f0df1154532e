using System.Text;

namespace BuildRunner.AotApp;

/// <summary>A runner with one build. After a transient error, each status call returns the next of its four states.</summary>
internal sealed class ScriptedRunner : IBuildRunner, IBuildLogSource
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(500);

    private readonly BuildSnapshot[] _snapshots =
    [
        new() { Status = BuildStatus.Accepted, PollAfter = Soon },
        new() { Status = BuildStatus.Running, PollAfter = Soon },
        new() { Status = BuildStatus.Running, PollAfter = Soon, Metadata = [new(BuildMetadataKeys.Attempt, "2")] },
        new() { Status = BuildStatus.Failed, Metadata = [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Timeout)] },
    ];

    private int _asked;

    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        Task.FromResult(new BuildId("scripted"));

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var asked = _asked++;
        return asked == 0
            ? throw new BuildRunnerException("Not now.") { BuildId = buildId, IsTransient = true, RetryAfter = Soon }
            : Task.FromResult(_snapshots[Math.Min(asked, _snapshots.Length) - 1]);
    }

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes($"The log of {buildId}.")));
}
