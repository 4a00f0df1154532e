namespace BuildRunner.Git.Tests.Merged;

/// <summary>A CI with a runner that throws exceptions that no runner should throw.</summary>
internal sealed class LeakyCi(IBuildRunner inner, Exception exception) : DelegatingBuildRunner(inner)
{
    protected override bool ExposesInner => false;

    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) => Task.FromException<BuildId>(exception);

    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) => Task.FromException<BuildSnapshot>(exception);
}
