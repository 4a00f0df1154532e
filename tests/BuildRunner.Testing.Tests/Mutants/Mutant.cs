namespace BuildRunner.Testing.Tests;

/// <summary>A runner with one mistake: it is correct but for what it overrides.</summary>
internal abstract class Mutant(MutantHarness backend, IBuildRunner inner) : ReadingDecorator(inner)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Gets what the instances of the mutant share.</summary>
    protected MutantHarness Backend { get; } = backend;

    /// <summary>Gets what finds builds where the mutant does not.</summary>
    protected IBuildFinder Finder => Inner.As<IBuildFinder>()!;

    // Reads by age are right unless they are the mistake, so that each mistake is found by what it is about.
    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        return Inner.StatusAsync(Backend.Resolve(buildId), cancellationToken);
    }

    protected static BuildRunnerException Transient(string message, Exception? inner = null) => new(message, inner) { IsTransient = true };

    protected Task PassTimeAsync() => Task.Delay(BetweenLooks, Backend.Clock);

    protected async Task WaitForEndAsync(BuildId buildId)
    {
        while (!(await Inner.StatusAsync(buildId)).Status.IsTerminal())
        {
            await PassTimeAsync();
        }
    }
}
