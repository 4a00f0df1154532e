namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>A runner whose builds have the status that the test says, also one that is over: a CI that runs the same build again.</summary>
internal sealed class ScriptedStatusRunner(IBuildRunner inner) : DelegatingBuildRunner(inner)
{
    public BuildStatus? Status { get; set; }

    public int Polls { get; private set; }

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        Polls++;
        return Status is { } status ? new BuildSnapshot { Status = status } : await Inner.StatusAsync(buildId, cancellationToken);
    }
}
