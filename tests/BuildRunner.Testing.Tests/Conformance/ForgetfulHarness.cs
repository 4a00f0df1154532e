namespace BuildRunner.Testing.Tests;

/// <summary>A correct runner on a backend that accepts the first cancel and loses it, unless a fault was injected.</summary>
internal sealed class ForgetfulHarness : FakeHarness
{
    private int _cancels;

    public override IBuildRunner CreateRunner() => new ForgetfulRunner(base.CreateRunner(), this);

    public override Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _cancels);
        return base.InjectAsync(fault, failingCall, cancellationToken);
    }

    private sealed class ForgetfulRunner(IBuildRunner inner, ForgetfulHarness harness) : ReadingDecorator(inner)
    {
        public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
        {
            var build = await StatusAsync(buildId, cancellationToken).ConfigureAwait(false);
            if (build.Status.IsTerminal() || Interlocked.Increment(ref harness._cancels) > 1)
            {
                await base.CancelAsync(buildId, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
