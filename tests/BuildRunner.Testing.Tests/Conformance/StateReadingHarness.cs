namespace BuildRunner.Testing.Tests;

/// <summary>A correct runner that reads the state before it cancels, and does not ask an ended build to stop: a fault for that call stays unmet.</summary>
internal sealed class StateReadingHarness : FakeHarness
{
    public override IBuildRunner CreateRunner() => new StateReadingRunner(base.CreateRunner());

    private sealed class StateReadingRunner(IBuildRunner inner) : ReadingDecorator(inner)
    {
        public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
        {
            if (!(await base.StatusAsync(buildId, cancellationToken)).Status.IsTerminal())
            {
                await base.CancelAsync(buildId, cancellationToken);
            }
        }
    }
}
