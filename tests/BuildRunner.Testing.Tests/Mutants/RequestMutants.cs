namespace BuildRunner.Testing.Tests;

[Mutant("T4: A null request is refused", "throws a NullReferenceException for a null request")]
internal sealed class FallsOverNull(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request with { Head = [.. request.Head] }, cancellationToken);
}

[Mutant("T4: A rejected request throws and is not transient", "reports a rejected request as transient")]
internal sealed class RejectsForNow(MutantHarness backend, IBuildRunner inner) : RejectionMutant(backend, inner)
{
    protected override Task<BuildId> RejectAsync(BuildRequest request, BuildRunnerException exception) => throw Transient("The request was rejected.");
}

[Mutant("T4: A rejected request throws and is not transient", "returns an id for a rejected request")]
internal sealed class GivesAnIdForARejectedRequest(MutantHarness backend, IBuildRunner inner) : RejectionMutant(backend, inner)
{
    protected override Task<BuildId> RejectAsync(BuildRequest request, BuildRunnerException exception) => Task.FromResult(new BuildId("rejected"));
}

[Mutant("T4: A rejected request throws and is not transient", "reports the outcome of a rejected request as unknown")]
internal sealed class DoesNotKnowWhatItRejected(MutantHarness backend, IBuildRunner inner) : RejectionMutant(backend, inner)
{
    protected override Task<BuildId> RejectAsync(BuildRequest request, BuildRunnerException exception) => throw new TriggerOutcomeUnknownException();
}

[Mutant("T4: A rejected request throws and is not transient", "mistakes a rejected request for an error of its setup")]
internal sealed class BlamesTheSetup(MutantHarness backend, IBuildRunner inner) : RejectionMutant(backend, inner)
{
    protected override Task<BuildId> RejectAsync(BuildRequest request, BuildRunnerException exception) => throw new BuildRunnerConfigurationException("403", exception);
}

[Mutant("T4: A rejected request creates nothing", "creates a build and then rejects the request")]
internal sealed class CreatesWhatItRejects(MutantHarness backend, IBuildRunner inner) : RejectionMutant(backend, inner)
{
    protected override async Task<BuildId> RejectAsync(BuildRequest request, BuildRunnerException exception)
    {
        await Inner.TriggerAsync(request with { Head = [] });
        throw exception;
    }
}

[Mutant("T4: Whatever else Trigger throws, nothing was created", "bypasses a rate limit and still reports it")]
internal sealed class GoesRoundARateLimit(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.TriggerAsync(request, cancellationToken);
        }
        catch (BuildRunnerException exception) when (exception.RetryAfter is not null)
        {
            await Inner.TriggerAsync(request, cancellationToken);
            throw;
        }
    }
}

[Mutant("T4: Whatever else Trigger throws, nothing was created", "reports a lost answer as transient if the trigger has a key", Without = BuildRunnerCapabilities.FindsByKey | BuildRunnerCapabilities.IdempotentTrigger)]
internal sealed class TakesALostKeyForTransient(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner)
{
    private bool _hadKey;

    protected override bool ExposesInner => false;

    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        _hadKey = request is { TriggerKey: not null };
        return base.TriggerAsync(request is null ? null! : request with { TriggerKey = null }, cancellationToken);
    }

    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception) => throw (_hadKey ? Transient("The answer was lost.") : exception);
}

[Mutant("T8: A lost answer does not create twice", "retries without the key when the answer was lost")]
internal sealed class TriesAgainWithoutTheKey(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner)
{
    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception) =>
        request.TriggerKey is not null && Backend.LastFault == ConformanceFault.AnswerLost ? Inner.TriggerAsync(request with { TriggerKey = null }) : throw exception;
}

[Mutant("T8: A trigger creates once", "creates twice")]
internal sealed class CreatesTwice(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        await base.TriggerAsync(request, cancellationToken);
        return await base.TriggerAsync(request, cancellationToken);
    }
}

[Mutant("T8: A lost answer does not create twice", "retries when the answer was lost")]
internal sealed class TriesAgainAfterALostAnswer(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner)
{
    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception) =>
        Backend.LastFault == ConformanceFault.AnswerLost ? Inner.TriggerAsync(request) : throw exception;
}

[Mutant("T8: A lost answer is an unknown outcome or finds the build", "reports a lost answer as transient")]
internal sealed class TakesALostAnswerForTransient(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner)
{
    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception) => throw Transient("The answer was lost.");
}

[Mutant("T8: A lost answer is an unknown outcome or finds the build", "invents an id when the answer was lost")]
internal sealed class MakesAnIdUp(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner)
{
    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception) =>
        request.TriggerKey is null && Backend.LastFault == ConformanceFault.AnswerLost ? Task.FromResult(new BuildId("probably")) : throw exception;
}

/// <summary>A runner that is wrong in what it does when its backend rejects a request.</summary>
internal abstract class RejectionMutant(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.TriggerAsync(request, cancellationToken);
        }
        catch (BuildRunnerException exception) when (exception is { IsTransient: false } and not (TriggerOutcomeUnknownException or BuildRunnerConfigurationException) && request.TriggerKey is null)
        {
            return await RejectAsync(request, exception);
        }
    }

    protected abstract Task<BuildId> RejectAsync(BuildRequest request, BuildRunnerException exception);
}

/// <summary>A runner that is wrong in what it does when the answer to a create is lost.</summary>
internal abstract class LostAnswerMutant(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.TriggerAsync(request, cancellationToken);
        }
        catch (TriggerOutcomeUnknownException exception)
        {
            return await LoseAsync(request, exception);
        }
    }

    protected abstract Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception);
}
