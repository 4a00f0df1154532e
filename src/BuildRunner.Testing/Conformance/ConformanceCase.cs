namespace BuildRunner.Testing;

/// <summary>Represents a case of the conformance kit, which checks one statement of the contract.</summary>
/// <remarks>Immutable. <see cref="ToString"/> returns the <see cref="Name"/>, so test frameworks display it.</remarks>
public sealed class ConformanceCase
{
    // The time, by the clock of the machine, to stop everything that a case has started.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private readonly Func<ConformanceRun, Task> _body;

    internal ConformanceCase(string clause, string title, Func<ConformanceRun, Task> body)
    {
        Clause = clause;
        Title = title;
        _body = body;
    }

    /// <summary>Gets the number of the clause, such as <c>T3</c>.</summary>
    public string Clause { get; }

    /// <summary>Gets the statement that the case checks.</summary>
    public string Title { get; }

    /// <summary>Gets the clause and the title. The name is unique among the cases.</summary>
    public string Name => $"{Clause}: {Title}";

    /// <summary>Gets a value indicating whether the clause is a MUST, or else a SHOULD.</summary>
    public bool IsRequired { get; internal init; } = true;

    /// <summary>Gets the required capabilities. The case is skipped unless the runner has all of them.</summary>
    public BuildRunnerCapabilities Requires { get; internal init; }

    /// <summary>Gets the alternative capabilities. The case is skipped unless the runner has at least one of them. <see
    /// cref="BuildRunnerCapabilities.None"/> means no such requirement.</summary>
    public BuildRunnerCapabilities RequiresAny { get; internal init; }

    /// <summary>Runs the case. At its end, it withdraws its faults, and cancels the builds that it has triggered until they have
    /// ended.</summary>
    /// <param name="harness">The harness of the runner.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>. Cancelling ends the case.</param>
    /// <returns>The result. Errors of the runner or the harness are part of the result, not exceptions.</returns>
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
            result = result with
            {
                Reason = $"{result.Reason} Cancelled at the end, but not seen to end: {string.Join(", ", left)}.".TrimStart(),
            };
        }

        return fault is null || result.Outcome == ConformanceOutcome.Failed
            ? result
            : Failed(checkedHarness, $"Cleaning up failed, which may affect the next case: {fault.Message}", fault, endedEarly: true);
    }

    /// <summary>Returns the <see cref="Name"/>.</summary>
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
            // A broken runner may throw anything; whatever it throws is the result of the case.
            return Failed(harness, $"An unexpected {exception.GetType()} was thrown: {exception.Message}", exception, endedEarly: true);
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

    // Reasons appear in logs and READMEs, so credentials are masked.
    private ConformanceResult Failed(CheckedHarness harness, string reason, Exception? exception, bool endedEarly) =>
        new()
        {
            Case = this,
            Outcome = ConformanceOutcome.Failed,
            Reason = harness.Secrets.Mask(reason),
            Exception = exception,
            EndedEarly = endedEarly,
        };
}
