namespace BuildRunner.Testing.Tests;

/// <summary>Runs every mutant against every case, once.</summary>
public sealed class MutantMatrixFixture : IAsyncLifetime
{
    private MutantMatrix? _matrix;

    internal MutantMatrix Matrix => _matrix ?? throw new InvalidOperationException("The mutants were not run.");

    public async ValueTask InitializeAsync()
    {
        // It decides nothing but when to give up on a kit that hangs.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(20));
        _matrix = await MutantMatrix.CreateAsync(limit.Token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
