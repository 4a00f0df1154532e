namespace BuildRunner.Testing.Tests;

[Mutant("S1: An unknown id is not found", "says that a build which it does not know has succeeded")]
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

[Mutant("S1: An unknown id is not found", "says that a build which it does not know may be there at the next try")]
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

[Mutant("S2: A state that the runner does not know is Unknown", "gives a status that has no name")]
internal sealed class GivesAnUnnamedStatus(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Unknown ? snapshot with { Status = (BuildStatus)17 } : snapshot;
}

[Mutant("S1: A default id is refused", "says that no build has succeeded")]
internal sealed class TakesDefaultForSucceeded(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        buildId.IsDefault ? Task.FromResult(new BuildSnapshot { Status = BuildStatus.Succeeded }) : base.StatusAsync(buildId, cancellationToken);
}

[Mutant("S1: A default id is refused", "says of a default id that it is not found")]
internal sealed class LooksForDefault(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        buildId.IsDefault ? throw new BuildNotFoundException() : base.StatusAsync(buildId, cancellationToken);
}

[Mutant("S2: A state that the runner does not know is Unknown", "takes a state that it does not know for a failure")]
internal sealed class TakesTheUnheardOfForFailed(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Unknown ? snapshot with { Status = BuildStatus.Failed } : snapshot;
}

[Mutant("S2: A state that the runner does not know is Unknown", "takes a state that it does not know for running")]
internal sealed class TakesTheUnheardOfForRunning(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Unknown ? snapshot with { Status = BuildStatus.Running } : snapshot;
}

[Mutant("S3: A build that has succeeded stays so", "reopens a build that has succeeded, a while after its end")]
internal sealed class ReopensBuilds(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    private const int Looks = 4;

    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Succeeded && Backend.Mark(buildId) >= Looks ? snapshot with { Status = BuildStatus.Running } : snapshot;
}

[Mutant("S3: A build that has failed stays so", "tries a failed build again")]
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

[Mutant("S4: A build that fails is Failed", "says that a failed build has succeeded")]
internal sealed class TakesFailedForSucceeded(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Failed ? snapshot with { Status = BuildStatus.Succeeded } : snapshot;
}

[Mutant("S4: A build that fails is Failed", "says that a failed build was cancelled")]
internal sealed class TakesFailedForCancelled(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Failed ? snapshot with { Status = BuildStatus.Cancelled } : snapshot;
}

[Mutant("S4: A build that was cancelled is Cancelled", "says that a cancelled build has failed")]
internal sealed class TakesCancelledForFailed(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Cancelled ? snapshot with { Status = BuildStatus.Failed } : snapshot;
}

[Mutant("S4: A failed build says what kind of failure it was", "does not say what kind of failure it was")]
internal sealed class DoesNotSayTheKind(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) => Without(snapshot, BuildMetadataKeys.FailureKind);
}

[Mutant("S5: A build that the head broke says so", "blames the base for what the head broke")]
internal sealed class BlamesTheBase(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Failed ? snapshot with { Metadata = snapshot.Metadata.SetItems([new(BuildMetadataKeys.FailedSide, BuildFailedSides.Base)]) } : snapshot;
}
