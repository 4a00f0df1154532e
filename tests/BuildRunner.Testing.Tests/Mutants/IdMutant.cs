namespace BuildRunner.Testing.Tests;

/// <summary>A runner that gives ids of its own making. Keyed builds keep theirs, because finding them is not the mistake.</summary>
internal abstract class IdMutant(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var actual = await base.TriggerAsync(request, cancellationToken);
        return request.TriggerKey is null ? MakeId(actual) : actual;
    }

    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        base.StatusAsync(Backend.Resolve(buildId), cancellationToken);

    public override Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        base.CancelAsync(Backend.Resolve(buildId), cancellationToken);

    protected abstract BuildId MakeId(BuildId actual);

    /// <summary>Lets an id stand for a build.</summary>
    protected BuildId Give(BuildId given, BuildId actual)
    {
        Backend.Aliases[given] = actual;
        return given;
    }
}
