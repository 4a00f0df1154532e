namespace BuildRunner.Testing.Tests;

/// <summary>A correct runner whose backend accepts the first cancel and loses it.</summary>
internal sealed class ForgetfulHarness : FakeHarness
{
    private int _cancels;

    public override IBuildRunner CreateRunner() => new ForgetfulRunner(base.CreateRunner(), this);

    private sealed class ForgetfulRunner(IBuildRunner inner, ForgetfulHarness harness) : ReadingDecorator(inner)
    {
        public override Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
            Interlocked.Increment(ref harness._cancels) == 1 ? Task.CompletedTask : base.CancelAsync(buildId, cancellationToken);
    }
}
