namespace BuildRunner.Testing.Tests;

[Mutant("A5: A trigger whose credentials are refused says that the setup is at fault", "mistakes refused credentials for a rejected request")]
internal sealed class BlamesTheRequest(MutantHarness backend, IBuildRunner inner) : SetupMutant(backend, inner, ConformanceCall.Trigger)
{
    protected override Task RefuseAsync(BuildId buildId, BuildRunnerConfigurationException exception) => throw new BuildRunnerException("401", exception);
}

[Mutant("A5: A trigger whose credentials are refused says that the setup is at fault", "reports refused credentials of a trigger as transient")]
internal sealed class TakesRefusedCredentialsForTransient(MutantHarness backend, IBuildRunner inner) : SetupMutant(backend, inner, ConformanceCall.Trigger)
{
    protected override Task RefuseAsync(BuildId buildId, BuildRunnerConfigurationException exception) => throw Transient("401", exception);
}

[Mutant("A5: A trigger whose credentials are refused says that the setup is at fault", "reports the outcome of a trigger with refused credentials as unknown")]
internal sealed class TakesRefusedCredentialsForALostAnswer(MutantHarness backend, IBuildRunner inner) : SetupMutant(backend, inner, ConformanceCall.Trigger)
{
    protected override Task RefuseAsync(BuildId buildId, BuildRunnerConfigurationException exception) => throw new TriggerOutcomeUnknownException("401", exception);
}

[Mutant("A5: A status whose credentials are refused says that the setup is at fault", "reports a build as gone because its credentials do not show it")]
internal sealed class TakesRefusedCredentialsForGone(MutantHarness backend, IBuildRunner inner) : SetupMutant(backend, inner, ConformanceCall.Status)
{
    protected override Task RefuseAsync(BuildId buildId, BuildRunnerConfigurationException exception) => throw new BuildNotFoundException(buildId);
}

[Mutant("A5: A status whose credentials are refused says that the setup is at fault", "reports refused credentials of a status as transient")]
internal sealed class AsksAgainWithRefusedCredentials(MutantHarness backend, IBuildRunner inner) : SetupMutant(backend, inner, ConformanceCall.Status)
{
    protected override Task RefuseAsync(BuildId buildId, BuildRunnerConfigurationException exception) => throw Transient("401", exception);
}

[Mutant("A5: A cancel whose credentials are refused says that the setup is at fault", "reports a build that it may not cancel as not found")]
internal sealed class DoesNotFindWhatItMayNotCancel(MutantHarness backend, IBuildRunner inner) : SetupMutant(backend, inner, ConformanceCall.Cancel)
{
    protected override Task RefuseAsync(BuildId buildId, BuildRunnerConfigurationException exception) => throw new BuildNotFoundException(buildId);
}

[Mutant("A5: A cancel whose credentials are refused says that the setup is at fault", "ignores that the credentials of a cancel are refused")]
internal sealed class SwallowsRefusedCredentials(MutantHarness backend, IBuildRunner inner) : SetupMutant(backend, inner, ConformanceCall.Cancel)
{
    protected override Task RefuseAsync(BuildId buildId, BuildRunnerConfigurationException exception) => Task.CompletedTask;
}

[Mutant("A5: The same runner works again when the setup is mended", "does not ask its backend again once its credentials were refused")]
internal sealed class GivesUpForGood(MutantHarness backend, IBuildRunner inner) : SetupMutant(backend, inner, ConformanceCall.Status)
{
    private BuildRunnerConfigurationException? _refusal;

    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        _refusal is null ? base.StatusAsync(buildId, cancellationToken) : Task.FromException<BuildSnapshot>(_refusal);

    protected override Task RefuseAsync(BuildId buildId, BuildRunnerConfigurationException exception)
    {
        _refusal = exception;
        throw exception;
    }
}

[Mutant("A5: A trigger whose credentials are refused says that the setup is at fault", "creates with other credentials, and reports that its own were refused")]
internal sealed class GoesRoundRefusedCredentials(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.TriggerAsync(request, cancellationToken);
        }
        catch (BuildRunnerConfigurationException)
        {
            Backend.TakeBack();
            await Inner.TriggerAsync(request, cancellationToken);
            throw;
        }
    }
}

[Mutant("A4: No credential is in an exception", "names its token when its credentials are refused")]
internal sealed class LeaksARefusedCredential(MutantHarness backend, IBuildRunner inner) : SetupMutant(backend, inner, ConformanceCall.Trigger)
{
    protected override Task RefuseAsync(BuildId buildId, BuildRunnerConfigurationException exception) =>
        throw new BuildRunnerConfigurationException($"The token {Backend.Secrets[0]} is refused; give another one.");
}

/// <summary>A runner that is wrong in what it makes of refused credentials in one of its calls.</summary>
internal abstract class SetupMutant(MutantHarness backend, IBuildRunner inner, ConformanceCall call) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.TriggerAsync(request, cancellationToken);
        }
        catch (BuildRunnerConfigurationException exception) when (call == ConformanceCall.Trigger)
        {
            await RefuseAsync(default, exception);
            throw;
        }
    }

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.StatusAsync(buildId, cancellationToken);
        }
        catch (BuildRunnerConfigurationException exception) when (call == ConformanceCall.Status)
        {
            await RefuseAsync(buildId, exception);
            throw;
        }
    }

    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.CancelAsync(buildId, cancellationToken);
        }
        catch (BuildRunnerConfigurationException exception) when (call == ConformanceCall.Cancel)
        {
            await RefuseAsync(buildId, exception);
        }
    }

    /// <summary>Throws what the runner makes of the refusal, or does nothing.</summary>
    protected abstract Task RefuseAsync(BuildId buildId, BuildRunnerConfigurationException exception);
}
