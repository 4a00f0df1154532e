using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>A runner that keeps the contract keeps it with merged refs, with every capability that it has.</summary>
[Slow]
public sealed class MergedConformanceTests
{
    [TimedFact]
    public async Task Nothing_fails_and_what_is_not_proven_is_known()
    {
        await using MergedHarness harness = new();
        await harness.OpenAsync();

        var report = await Testing.Conformance.RunAllAsync(harness, TestContext.Current.CancellationToken);

        report.Results.Where(static result => result.Outcome == ConformanceOutcome.Failed).Select(static result => $"{result.Case}: {result.Reason}").Should().BeEmpty();
        (report.Conforms, string.Join(' ', report.UnprovenClauses)).Should().Be((true, "A4"), "no credentials are given to the harness: {0}", report);
    }
}
