namespace BuildRunner.Testing.Tests;

[Mutant("T1: A broken head fails the build and a good one does not", "builds the base alone")]
internal sealed class IgnoresHead(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is null ? null! : request with { Head = [] }, cancellationToken);
}

[Mutant("T1: A broken base fails the build", "builds the head alone")]
internal sealed class IgnoresBase(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is null ? null! : request with { Base = [] }, cancellationToken);
}

[Mutant("T1: A broken base fails the build", "applies the base and validates only what the head changes")]
internal sealed class ValidatesTheHeadAlone(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.FailedSide) == BuildFailedSides.Base ? snapshot with { Status = BuildStatus.Succeeded } : snapshot;
}

[Mutant("T1: Base and then head are applied, in order", "applies the changes of each side in reverse")]
internal sealed class ReversesTheOrder(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is null ? null! : request with { Base = [.. request.Base.Reverse()], Head = [.. request.Head.Reverse()] }, cancellationToken);
}

[Mutant("T1: Base and then head are applied, in order", "applies the head before the base")]
internal sealed class AppliesHeadBeforeBase(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is { Base.Count: > 0 } ? request with { Base = request.Head, Head = request.Base } : request, cancellationToken);
}

[Mutant("T2: Trigger returns before the build has ended", "waits for the end in Trigger")]
internal sealed class WaitsForTheEndInTrigger(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var buildId = await base.TriggerAsync(request, cancellationToken);
        await WaitForEndAsync(buildId);
        return buildId;
    }
}

[Mutant("T2: Trigger returns before the build has ended", "never returns from Trigger")]
internal sealed class NeverReturnsFromTrigger(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        await base.TriggerAsync(request, cancellationToken);
        while (true)
        {
            await PassTimeAsync();
        }
    }
}

[Mutant("T6: No key of metadata changes what becomes of a build", "acts on a key of the caller's metadata")]
internal sealed class ObeysMetadata(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Metadata.ContainsKey("dry_run") && snapshot.Status == BuildStatus.Succeeded ? snapshot with { Status = BuildStatus.Cancelled } : snapshot;
}

[Mutant("T6: No key of metadata changes what becomes of a build", "reports success for a request that is marked as a dry run")]
internal sealed class PassesDryRuns(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Metadata.ContainsKey("dry_run") && snapshot.Status == BuildStatus.Failed ? snapshot with { Status = BuildStatus.Succeeded } : snapshot;
}

[Mutant("T6: No key of metadata changes what becomes of a build", "returns the build that the caller's metadata names as reused")]
internal sealed class ReusesWhatItIsTold(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        request?.Metadata.TryGetValue(BuildMetadataKeys.ReusedFrom, out var earlier) == true ? Task.FromResult(new BuildId(earlier)) : base.TriggerAsync(request!, cancellationToken);
}

[Mutant("T6: Metadata comes back in the snapshot", "drops the caller's metadata")]
internal sealed class DropsMetadata(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is null ? null! : request with { Metadata = BuildMetadata.Empty }, cancellationToken);
}

[Mutant("T6: Metadata comes back in the snapshot", "forgets the caller's metadata when the build has ended")]
internal sealed class DropsMetadataLater(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Succeeded ? snapshot with { Metadata = BuildMetadata.Empty } : snapshot;
}

[Mutant("T6: Metadata comes back in the snapshot", "truncates values")]
internal sealed class TruncatesMetadata(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    private const int MaxLength = 7;

    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) => snapshot with
    {
        Metadata = new(snapshot.Metadata.ToDictionary().Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Length > MaxLength ? pair.Value[..MaxLength] : pair.Value))),
    };
}
