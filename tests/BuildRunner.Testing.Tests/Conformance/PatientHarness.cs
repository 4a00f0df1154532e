namespace BuildRunner.Testing.Tests;

/// <summary>A correct runner. If its backend asks one instance to wait, all instances wait.</summary>
internal sealed class PatientHarness : FakeHarness
{
    private DateTimeOffset _until;

    public override IBuildRunner CreateRunner() => new PatientRunner(base.CreateRunner(), this);

    private async Task<T> AskAsync<T>(Func<Task<T>> call)
    {
        var left = _until - Clock.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            throw new BuildRunnerException("The backend has asked to be left alone.") { IsTransient = true, RetryAfter = left };
        }

        try
        {
            return await call();
        }
        catch (BuildRunnerException exception) when (exception.RetryAfter is { } wait)
        {
            _until = Clock.GetUtcNow() + wait;
            throw;
        }
    }

    private sealed class PatientRunner(IBuildRunner inner, PatientHarness gate) : ReadingDecorator(inner)
    {
        public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
            gate.AskAsync(() => base.TriggerAsync(request, cancellationToken));

        public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
            gate.AskAsync(() => base.StatusAsync(buildId, cancellationToken));

        public override Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => gate.AskAsync(async () =>
        {
            await base.CancelAsync(buildId, cancellationToken);
            return true;
        });
    }
}
