namespace BuildRunner.Git.Tests.Merged;

/// <summary>A CI with a list that lags: it finds none of its builds.</summary>
internal sealed class LaggingCi(IBuildRunner inner) : DelegatingBuildRunner(inner), IBuildFinder
{
    protected override bool ExposesInner => false;

    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) => Task.FromResult<BuildId?>(null);
}
