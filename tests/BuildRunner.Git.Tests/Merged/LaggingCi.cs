namespace BuildRunner.Git.Tests.Merged;

/// <summary>A CI whose list of builds is behind: it finds none of those that it has.</summary>
internal sealed class LaggingCi(IBuildRunner inner) : DelegatingBuildRunner(inner), IBuildFinder
{
    protected override bool ExposesInner => false;

    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) => Task.FromResult<BuildId?>(null);
}
