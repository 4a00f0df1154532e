namespace BuildRunner.Testing;

/// <summary>
/// Represents one case of the conformance kit: what a clause of the contract says, tried on a runner.
/// </summary>
/// <remarks>Immutable. Its text is its <see cref="Name"/>, which is what a test framework shows of a parameter.</remarks>
public sealed class ConformanceCase
{
    private readonly Func<ConformanceRun, Task> _body;

    internal ConformanceCase(string clause, string title, Func<ConformanceRun, Task> body)
    {
        Clause = clause;
        Title = title;
        _body = body;
    }

    /// <summary>
    /// Gets the number of the clause, such as <c>T3</c>.
    /// </summary>
    public string Clause { get; }

    /// <summary>
    /// Gets what is tried, as a sentence.
    /// </summary>
    public string Title { get; }

    /// <summary>
    /// Gets the clause and the title, unique among the cases.
    /// </summary>
    public string Name => $"{Clause}: {Title}";

    /// <summary>
    /// Gets how binding the clause is.
    /// </summary>
    public ConformanceLevel Level { get; internal init; } = ConformanceLevel.Must;

    /// <summary>
    /// Gets the capabilities without which the case is skipped.
    /// </summary>
    public BuildRunnerCapabilities Requires { get; internal init; }

    /// <summary>
    /// Tries the case.
    /// </summary>
    /// <param name="harness">The runner and its backend.</param>
    /// <param name="cancellationToken">A token that ends the case.</param>
    /// <returns>How it went. What the runner does wrong is a result, not an exception.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="harness"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<ConformanceResult> RunAsync(ConformanceHarness harness, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(harness);
        var missing = Requires & ~harness.Capabilities;
        if (missing != BuildRunnerCapabilities.None)
        {
            return new ConformanceResult(this, ConformanceOutcome.Skipped, $"The runner does not declare {missing}.");
        }

        try
        {
            await _body(new ConformanceRun(harness, cancellationToken)).ConfigureAwait(false);
            return new ConformanceResult(this, ConformanceOutcome.Passed, "");
        }
        catch (ConformanceSkipException skip)
        {
            return new ConformanceResult(this, ConformanceOutcome.Skipped, skip.Message);
        }
        catch (ConformanceFailureException failure)
        {
            return new ConformanceResult(this, ConformanceOutcome.Failed, failure.Message);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A kit cannot know what a broken runner throws; whatever it is, it is the case's result.
            return new ConformanceResult(this, ConformanceOutcome.Failed, $"{exception.GetType()} came out where none was expected: {exception.Message}");
        }
    }

    /// <summary>
    /// Gets the <see cref="Name"/>.
    /// </summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;
}
