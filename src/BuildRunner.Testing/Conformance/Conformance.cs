namespace BuildRunner.Testing;

/// <summary>Provides the conformance kit: the cases that check a runner against the contract.</summary>
/// <remarks>Independent of test frameworks: any of them can run a parameterised test over <see cref="Cases"/>.</remarks>
public static class Conformance
{
    /// <summary>Gets all cases, in the order of the clauses.</summary>
    public static IReadOnlyList<ConformanceCase> Cases { get; } =
        [
            .. TriggerCases.All,
            .. KeyCases.All,
            .. CreateCases.All,
            .. StatusCases.All,
            .. StatusReaderCases.All,
            .. CancelCases.All,
            .. AllMemberCases.All,
            .. SecretCases.All,
            .. SetupCases.All,
        ];

    /// <summary>Runs all cases, one after the other.</summary>
    /// <param name="harness">The harness of the runner.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>. Cancelling ends the run.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="harness"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<ConformanceReport> RunAllAsync(ConformanceHarness harness, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(harness);
        List<ConformanceResult> results = [];
        foreach (var conformanceCase in Cases)
        {
            results.Add(await conformanceCase.RunAsync(harness, cancellationToken).ConfigureAwait(false));
        }

        return new ConformanceReport(results);
    }
}
