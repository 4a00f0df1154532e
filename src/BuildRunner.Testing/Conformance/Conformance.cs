namespace BuildRunner.Testing;

/// <summary>
/// Provides the conformance kit: the cases that hold a runner to the contract.
/// </summary>
/// <remarks>It knows no test framework: a theory over <see cref="Cases"/> runs it in any.</remarks>
public static class Conformance
{
    /// <summary>
    /// Gets every case, in the order of the clauses.
    /// </summary>
    public static IReadOnlyList<ConformanceCase> Cases { get; } =
        [.. TriggerCases.All, .. KeyCases.All, .. CreateCases.All, .. StatusCases.All, .. StatusReaderCases.All, .. CancelCases.All, .. AllMemberCases.All, .. SecretCases.All, .. SetupCases.All];

    /// <summary>
    /// Tries every case, one after the other.
    /// </summary>
    /// <param name="harness">The runner and its backend.</param>
    /// <param name="cancellationToken">A token that ends the run.</param>
    /// <returns>How each went.</returns>
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
