namespace BuildRunner.Testing.Tests;

/// <summary>A correct runner that leaves its backend alone for a while when its credentials were refused.</summary>
internal sealed class CautiousHarness : FakeHarness
{
    public override IBuildRunner CreateRunner() => new CautiousRunner(base.CreateRunner(), Clock);

    private sealed class CautiousRunner(IBuildRunner inner, TimeProvider clock) : ReadingDecorator(inner)
    {
        private static readonly TimeSpan Caution = TimeSpan.FromSeconds(5);

        private (BuildRunnerConfigurationException Exception, DateTimeOffset Until)? _refusal;

        public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
            AskAsync(() => base.TriggerAsync(request, cancellationToken));

        public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
            AskAsync(() => base.StatusAsync(buildId, cancellationToken));

        public override Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => AskAsync(async () =>
        {
            await base.CancelAsync(buildId, cancellationToken);
            return true;
        });

        private async Task<T> AskAsync<T>(Func<Task<T>> call)
        {
            if (_refusal is { } refusal && clock.GetUtcNow() < refusal.Until)
            {
                throw refusal.Exception;
            }

            try
            {
                return await call();
            }
            catch (BuildRunnerConfigurationException exception)
            {
                _refusal = (exception, clock.GetUtcNow() + Caution);
                throw;
            }
        }
    }
}
