using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The owner, who remembers what was said last.</summary>
internal sealed class ReplayOwner : IBuildObserver
{
    public BuildStatus? Told { get; private set; }

    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
    {
        Told = build.Status;
        return Task.CompletedTask;
    }
}
