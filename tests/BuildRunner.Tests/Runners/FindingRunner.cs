namespace BuildRunner.Tests.Runners;

/// <summary>A decorator with a side interface of its own.</summary>
internal sealed class FindingRunner(IBuildRunner inner) : PlainDecorator(inner), IBuildFinder
{
    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) => Task.FromResult<BuildId?>(null);
}
