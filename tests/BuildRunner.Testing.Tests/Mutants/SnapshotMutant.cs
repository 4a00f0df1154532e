namespace BuildRunner.Testing.Tests;

/// <summary>A runner that is wrong in what it says of a build.</summary>
internal abstract class SnapshotMutant(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        Distort(buildId, await base.StatusAsync(buildId, cancellationToken));

    protected abstract BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot);

    protected static BuildSnapshot Without(BuildSnapshot snapshot, string key) => snapshot with { Metadata = new(snapshot.Metadata.ToDictionary().Where(pair => pair.Key != key)) };
}
