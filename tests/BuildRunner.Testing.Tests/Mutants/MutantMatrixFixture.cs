namespace BuildRunner.Testing.Tests;

/// <summary>Runs every mutant against every case, once.</summary>
public sealed class MutantMatrixFixture : IAsyncLifetime
{
    private MutantMatrix? _matrix;

    internal MutantMatrix Matrix => _matrix ?? throw new InvalidOperationException("The mutants were not run.");

    public async ValueTask InitializeAsync()
    {
        _matrix = await MutantMatrix.CreateAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
