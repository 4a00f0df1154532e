namespace BuildRunner.Testing.Tests;

[Mutant("S1: An unknown id is not found", "reports success for a build that it does not know")]
internal sealed class TakesUnknownForSucceeded(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.StatusAsync(buildId, cancellationToken);
        }
        catch (BuildNotFoundException)
        {
            return new BuildSnapshot { Status = BuildStatus.Succeeded };
        }
    }
}

[Mutant("S1: An unknown id is not found", "reports a build that it does not know as a transient error")]
internal sealed class NotFoundForNow(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.StatusAsync(buildId, cancellationToken);
        }
        catch (BuildNotFoundException)
        {
            throw new BuildNotFoundException(buildId) { IsTransient = true };
        }
    }
}

[Mutant("S2: A state that the runner does not know is Unknown", "returns an undefined status")]
internal sealed class GivesAnUnnamedStatus(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Unknown ? snapshot with { Status = (BuildStatus)17 } : snapshot;
}

[Mutant("S1: A default id is refused", "reports success for a default id")]
internal sealed class TakesDefaultForSucceeded(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        buildId.IsDefault ? Task.FromResult(new BuildSnapshot { Status = BuildStatus.Succeeded }) : base.StatusAsync(buildId, cancellationToken);
}

[Mutant("S1: A default id is refused", "reports a default id as not found")]
internal sealed class LooksForDefault(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        buildId.IsDefault ? throw new BuildNotFoundException() : base.StatusAsync(buildId, cancellationToken);
}

[Mutant("S2: A state that the runner does not know is Unknown", "reports an unknown state as failed")]
internal sealed class TakesTheUnheardOfForFailed(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Unknown ? snapshot with { Status = BuildStatus.Failed } : snapshot;
}

[Mutant("S2: A state that the runner does not know is Unknown", "reports an unknown state as running")]
internal sealed class TakesTheUnheardOfForRunning(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Unknown ? snapshot with { Status = BuildStatus.Running } : snapshot;
}

[Mutant("S3: A build that has succeeded stays so", "reopens a build some time after it has succeeded")]
internal sealed class ReopensBuilds(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    private const int Looks = 4;

    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Succeeded && Backend.Mark(buildId) >= Looks ? snapshot with { Status = BuildStatus.Running } : snapshot;
}

[Mutant("S3: A build that has failed stays so", "retries a failed build")]
internal sealed class TriesFailedBuildsAgain(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    private const int Looks = 4;

    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Failed && Backend.Mark(buildId) == Looks ? snapshot with { Status = BuildStatus.Running } : snapshot;
}

[Mutant("S3: A build that was cancelled stays as it has ended", "reopens a cancelled build")]
internal sealed class ReopensCancelledBuilds(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    private const int Looks = 4;

    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Cancelled && Backend.Mark(buildId) == Looks ? snapshot with { Status = BuildStatus.Running } : snapshot;
}

[Mutant("S4: A build that fails is Failed", "reports a failed build as succeeded")]
internal sealed class TakesFailedForSucceeded(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Failed ? snapshot with { Status = BuildStatus.Succeeded } : snapshot;
}

[Mutant("S4: A build that fails is Failed", "reports a failed build as cancelled")]
internal sealed class TakesFailedForCancelled(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Failed ? snapshot with { Status = BuildStatus.Cancelled } : snapshot;
}

[Mutant("S4: A build that was cancelled is Cancelled", "reports a cancelled build as failed")]
internal sealed class TakesCancelledForFailed(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Cancelled ? snapshot with { Status = BuildStatus.Failed } : snapshot;
}

[Mutant("S4: A failed build says what kind of failure it was", "does not report the kind of failure")]
internal sealed class DoesNotSayTheKind(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) => Without(snapshot, BuildMetadataKeys.FailureKind);
}

[Mutant("S5: A build that the head broke says so", "blames the base for a break of the head")]
internal sealed class BlamesTheBase(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Failed ? snapshot with { Metadata = snapshot.Metadata.SetItems([new(BuildMetadataKeys.FailedSide, BuildFailedSides.Base)]) } : snapshot;
}
