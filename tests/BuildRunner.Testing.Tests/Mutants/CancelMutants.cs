namespace BuildRunner.Testing.Tests;

[Mutant("C1: Cancel returns before the build has stopped", "waits for the end in Cancel")]
internal sealed class WaitsForTheEndInCancel(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await base.CancelAsync(buildId, cancellationToken);
        await WaitForEndAsync(buildId);
    }
}

[Mutant("C1: Cancel returns before the build has stopped", "reports a build as cancelled as soon as it is asked to stop")]
internal sealed class ClaimsToHaveCancelled(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await base.CancelAsync(buildId, cancellationToken);
        Backend.Mark(buildId);
    }

    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status.IsTerminal() || !Backend.Marks.ContainsKey(buildId) ? snapshot : snapshot with { Status = BuildStatus.Cancelled };
}

[Mutant("C2: Cancel of a build that has succeeded does nothing", "throws for a cancel of an ended build")]
internal sealed class ThrowsForACancelAfterTheEnd(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await base.CancelAsync(buildId, cancellationToken);
        if ((await Inner.StatusAsync(buildId, CancellationToken.None)).Status is BuildStatus.Succeeded or BuildStatus.Failed)
        {
            throw new BuildRunnerException("The build has ended.") { BuildId = buildId };
        }
    }
}

[Mutant("C2: Cancel of a build that has succeeded does nothing", "turns a build that has succeeded into a cancelled one")]
internal sealed class CancelsSucceededBuilds(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await base.CancelAsync(buildId, cancellationToken);
        Backend.Mark(buildId);
    }

    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Succeeded && Backend.Marks.ContainsKey(buildId) ? snapshot with { Status = BuildStatus.Cancelled } : snapshot;
}

[Mutant("C2: Cancel of a build that has failed does nothing", "turns a failed build into a cancelled one")]
internal sealed class CancelsFailedBuilds(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await base.CancelAsync(buildId, cancellationToken);
        Backend.Mark(buildId);
    }

    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Failed && Backend.Marks.ContainsKey(buildId) ? snapshot with { Status = BuildStatus.Cancelled } : snapshot;
}

[Mutant("C2: Cancel may be repeated", "throws for the second cancel")]
internal sealed class ThrowsForTheSecondCancel(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await base.CancelAsync(buildId, cancellationToken);
        if (Backend.Mark(buildId) > 1)
        {
            throw new BuildRunnerException("The build is being cancelled already.") { BuildId = buildId };
        }
    }
}

[Mutant("C2: Cancel may be repeated", "reports an ended build as running when it is cancelled again")]
internal sealed class TakesTheCancelBack(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    private const int Times = 3;

    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await base.CancelAsync(buildId, cancellationToken);
        Backend.Mark(buildId);
    }

    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Cancelled && !Backend.IsParallel && Backend.Marks.GetValueOrDefault(buildId) > Times ? snapshot with { Status = BuildStatus.Running } : snapshot;
}

[Mutant("C2: An unknown id is not found", "does nothing for a build that it does not know")]
internal sealed class CancelsTheUnknown(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.CancelAsync(buildId, cancellationToken);
        }
        catch (BuildNotFoundException)
        {
            // That is the mistake.
        }
    }
}

[Mutant("C2: A default id is refused", "does nothing for a default id")]
internal sealed class CancelsDefault(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        buildId.IsDefault ? Task.CompletedTask : base.CancelAsync(buildId, cancellationToken);
}

[Mutant("C3: A refused cancel of a running build is a transient error", "mistakes every refusal for \"already ended\"")]
internal sealed class SwallowsARefusal(MutantHarness backend, IBuildRunner inner) : RefusalMutant(backend, inner)
{
    protected override void Refuse(BuildId buildId)
    {
    }
}

[Mutant("C3: A refused cancel of a running build is a transient error", "reports a refused cancel as permanent")]
internal sealed class TakesARefusalForFinal(MutantHarness backend, IBuildRunner inner) : RefusalMutant(backend, inner)
{
    protected override void Refuse(BuildId buildId) => throw new BuildRunnerException("The cancel was refused.") { BuildId = buildId };
}

[Mutant("C3: A refused cancel of an ended build does nothing", "passes every refusal on, without reading the state")]
internal sealed class PassesARefusalOn(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await base.CancelAsync(buildId, cancellationToken);
        if (Backend.LastFault == ConformanceFault.Refused)
        {
            throw Transient("The cancel was refused.");
        }
    }
}

[Mutant("C4: A cancelled build ends", "accepts a cancel and does nothing")]
internal sealed class LosesCancels(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        if (Backend.LastFault is not null || (await Inner.StatusAsync(buildId, cancellationToken)).Status.IsTerminal())
        {
            await base.CancelAsync(buildId, cancellationToken);
        }
    }
}

/// <summary>A runner that is wrong in what it does when its backend refuses a cancel.</summary>
internal abstract class RefusalMutant(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.CancelAsync(buildId, cancellationToken);
        }
        catch (BuildRunnerException exception) when (exception.IsTransient && Backend.LastFault == ConformanceFault.Refused)
        {
            Refuse(buildId);
        }
    }

    protected abstract void Refuse(BuildId buildId);
}
