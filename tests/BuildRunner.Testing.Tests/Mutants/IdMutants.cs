using System.Collections.Concurrent;

namespace BuildRunner.Testing.Tests;

[Mutant("T3: An id is never default", "returns a default id")]
internal sealed class GivesDefaultId(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        await base.TriggerAsync(request, cancellationToken);
        return default;
    }
}

[Mutant("T3: Ids are unique under concurrency", "counts ids without a lock")]
internal sealed class CountsIdsWithoutLock(MutantHarness backend, IBuildRunner inner) : IdMutant(backend, inner)
{
    protected override BuildId MakeId(BuildId actual)
    {
        var number = Backend.Count;
        var given = Give(new BuildId($"build-{number}"), actual);
        Backend.Meet();
        Backend.Count = number + 1;
        return given;
    }
}

[Mutant("T3: An id is not used again when its build has ended", "reuses the id of the build that ended last")]
internal sealed class ReusesIds(MutantHarness backend, IBuildRunner inner) : IdMutant(backend, inner)
{
    private BuildId _free;

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var snapshot = await base.StatusAsync(buildId, cancellationToken);
        if (snapshot.Status.IsTerminal() && !Backend.IsParallel)
        {
            _free = buildId;
        }

        return snapshot;
    }

    protected override BuildId MakeId(BuildId actual)
    {
        var given = Give(_free.IsDefault ? actual : _free, actual);
        _free = default;
        return given;
    }
}

[Mutant("T3: Ids are not used again by another instance", "counts ids per instance")]
internal sealed class CountsIdsByInstance(MutantHarness backend, IBuildRunner inner) : IdMutant(backend, inner)
{
    private int _count;

    protected override BuildId MakeId(BuildId actual) => Give(new($"build-{Interlocked.Increment(ref _count)}"), actual);
}

[Mutant("T5: Status resolves as soon as Trigger has returned", "does not find a build at the first call")]
internal sealed class FindsNothingAtFirst(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        Backend.Mark(buildId) == 1 && !buildId.IsDefault ? throw new BuildNotFoundException(buildId) : base.StatusAsync(buildId, cancellationToken);
}

[Mutant("T5: Status of an ended build resolves", "forgets a build once it has reported its end")]
internal sealed class ForgetsEndedBuilds(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status.IsTerminal() && Backend.Mark(buildId) > 1 ? throw new BuildNotFoundException(buildId) : snapshot;
}

[Mutant("T5: Status of an ended build resolves", "keeps only the last ended build")]
internal sealed class KeepsTheLastEndedBuild(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    private BuildId? _last;

    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot)
    {
        // Under concurrency it would be luck who comes last; that is not what it is about.
        if (!snapshot.Status.IsTerminal() || Backend.IsParallel)
        {
            return snapshot;
        }

        if (_last != buildId && Backend.Mark(buildId) > 1)
        {
            throw new BuildNotFoundException(buildId);
        }

        _last = buildId;
        return snapshot;
    }
}

[Mutant("T5: Another instance knows the build", "keeps its builds in the instance", Without = BuildRunnerCapabilities.FindsByKey | BuildRunnerCapabilities.IdempotentTrigger)]
internal sealed class KeepsBuildsInTheInstance(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    private readonly ConcurrentDictionary<BuildId, bool> _mine = [];

    protected override bool ExposesInner => false;

    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var buildId = await base.TriggerAsync(request is null ? null! : request with { TriggerKey = null }, cancellationToken);
        _mine[buildId] = true;
        return buildId;
    }

    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        buildId.IsDefault || _mine.ContainsKey(buildId) ? base.StatusAsync(buildId, cancellationToken) : throw new BuildNotFoundException(buildId);
}
