using BuildRunner.Tests;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>A runner that keeps the contract keeps it with merged refs, with every capability that it has.</summary>
[Slow]
public sealed class MergedConformanceTests
{
    [TimedFact]
    public async Task The_runner_conforms()
    {
        await using MergedHarness harness = new();
        await harness.OpenAsync();

        var report = await Testing.Conformance.RunAllAsync(harness, TestContext.Current.CancellationToken);

        report.Results.Should().AllSatisfy(static result => ConformancePage.Verify("Merged refs", result));
        report.Conforms.Should().BeTrue();
    }
}
