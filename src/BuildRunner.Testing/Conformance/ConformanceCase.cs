namespace BuildRunner.Testing;

/// <summary>
/// Represents one case of the conformance kit: what a clause of the contract says, tried on a runner.
/// </summary>
/// <remarks>Immutable. Its text is its <see cref="Name"/>, which is what a test framework shows of a parameter.</remarks>
public sealed class ConformanceCase
{
    // How long may pass, by the clock of the machine, until what a case has begun is stopped.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

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
    /// Gets a value indicating whether a runner must pass the case to conform, or else only should.
    /// </summary>
    public bool IsRequired { get; internal init; } = true;

    /// <summary>
    /// Gets the capabilities without which the case is skipped.
    /// </summary>
    public BuildRunnerCapabilities Requires { get; internal init; }

    /// <summary>
    /// Gets the capabilities of which one at least is needed, or else the case is skipped. <see cref="BuildRunnerCapabilities.None"/> where that is not asked.
    /// </summary>
    public BuildRunnerCapabilities RequiresAny { get; internal init; }

    /// <summary>
    /// Tries the case. At its end, what it has set to go wrong is taken back, and what it has triggered is cancelled until it has ended.
    /// </summary>
    /// <param name="harness">The runner and its backend.</param>
    /// <param name="cancellationToken">A token that ends the case.</param>
    /// <returns>How it went. What the runner or the harness does wrong is a result, not an exception.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="harness"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<ConformanceResult> RunAsync(ConformanceHarness harness, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(harness);
        CheckedHarness checkedHarness = new(harness);
        ConformanceRun run = new(checkedHarness, cancellationToken);
        ConformanceResult result;
        Exception? fault;
        IReadOnlyList<BuildId> left;
        try
        {
            result = await TryAsync(checkedHarness, run).ConfigureAwait(false);
        }
        finally
        {
            using CancellationTokenSource limit = new(EndLimit);
            (fault, left) = await run.EndAsync(limit.Token).ConfigureAwait(false);
        }

        if (left.Count > 0)
        {
            result = result with { Reason = $"{result.Reason} Cancelled at the end, and not seen to end: {string.Join(", ", left)}.".TrimStart() };
        }

        return fault is null || result.Outcome == ConformanceOutcome.Failed
            ? result
            : Failed(checkedHarness, $"At the end of the case, which the next one may notice: {fault.Message}", fault, endedEarly: true);
    }

    /// <summary>
    /// Gets the <see cref="Name"/>.
    /// </summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;

    private async Task<ConformanceResult> TryAsync(CheckedHarness harness, ConformanceRun run)
    {
        try
        {
            ThrowUnlessDeclared(harness);
            run.Begin();
            await _body(run).ConfigureAwait(false);
            return new ConformanceResult { Case = this, Outcome = ConformanceOutcome.Passed };
        }
        catch (ConformanceSkipException skip)
        {
            return new ConformanceResult { Case = this, Outcome = ConformanceOutcome.Skipped, Reason = skip.Message };
        }
        catch (ConformanceFailureException failure)
        {
            return Failed(harness, failure.Message, failure.InnerException, failure.EndedEarly);
        }
        catch (Exception exception) when (run.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"The case '{Name}' was cancelled.", exception, run.CancellationToken);
        }
        catch (Exception exception)
        {
            // A kit cannot know what a broken runner throws; whatever it is, it is the case's result.
            return Failed(harness, $"{exception.GetType()} came out where none was expected: {exception.Message}", exception, endedEarly: true);
        }
    }

    private void ThrowUnlessDeclared(CheckedHarness harness)
    {
        var missing = Requires & ~harness.Capabilities;
        if (missing != BuildRunnerCapabilities.None)
        {
            throw new ConformanceSkipException($"The runner does not declare {missing}.");
        }

        if (RequiresAny != BuildRunnerCapabilities.None && (RequiresAny & harness.Capabilities) == BuildRunnerCapabilities.None)
        {
            throw new ConformanceSkipException($"The runner declares none of {RequiresAny}.");
        }
    }

    // A reason is shown in logs and in a README; what the runner lets out there must not be.
    private ConformanceResult Failed(CheckedHarness harness, string reason, Exception? exception, bool endedEarly) =>
        new() { Case = this, Outcome = ConformanceOutcome.Failed, Reason = harness.Secrets.Mask(reason), Exception = exception, EndedEarly = endedEarly };
}
