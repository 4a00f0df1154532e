using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Conformance;

/// <summary>The git runner declares every capability and is held to all of them.</summary>
[Slow]
public sealed class GitConformanceTests
{
    // A runner of this machine has no transport that could fail, refuses no cancel, is given no credentials by the harness, and knows all of its states.
    private static readonly string[] Unproven = ["S2", "C3", "A3", "A4", "A5"];

    // Many cases in one test, which is no sign of a hang.
    private const int AllCases = 900_000;

    public static TheoryData<ConformanceCase> Cases => [.. Testing.Conformance.Cases];

    [TimedTheory]
    [MemberData(nameof(Cases))]
    public async Task From_several_processes_on_one_state_directory(ConformanceCase conformanceCase)
    {
        await using HostedHarness harness = new();
        await RunAsync(conformanceCase, harness);
    }

    [TimedFact(Timeout = AllCases)]
    public async Task With_a_remote_that_refuses_credentials()
    {
        await using RemoteHarness harness = new();
        await harness.OpenAsync();
        List<ConformanceResult> results = [];

        foreach (var conformanceCase in Testing.Conformance.Cases.Where(static each => each.Clause is "T4" or "A4" or "A5"))
        {
            results.Add(await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken));
        }

        results.Where(static result => result.Outcome == ConformanceOutcome.Failed).Select(static result => $"{result.Case}: {result.Reason}").Should().BeEmpty();
        results.Where(static result => result.Outcome == ConformanceOutcome.Skipped).Select(static result => result.Case.Name).Should().Equal(
            "T4: Whatever else Trigger throws, nothing was created",
            "A4: No credential is in the log",
            "A4: No credential is in a trace",
            "A5: A status whose credentials are refused says that the setup is at fault",
            "A5: A cancel whose credentials are refused says that the setup is at fault");
    }

    [TimedFact(Timeout = AllCases)]
    public async Task In_one_process_nothing_fails_and_what_is_not_proven_is_known()
    {
        await using GitHarness harness = new();
        await harness.OpenAsync();

        var report = await Testing.Conformance.RunAllAsync(harness, TestContext.Current.CancellationToken);

        report.Results.Should().AllSatisfy(ShouldPass);
        (report.Conforms, string.Join(' ', report.UnprovenClauses)).Should().Be((true, string.Join(' ', Unproven)), report.ToString());
    }

    private static async Task RunAsync(ConformanceCase conformanceCase, GitHarness harness)
    {
        await harness.OpenAsync();

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        ShouldPass(result);
    }

    // Every SHOULD as well.
    private static void ShouldPass(ConformanceResult result)
    {
        result.Outcome.Should().NotBe(ConformanceOutcome.Failed, $"{result.Case}: {result.Reason}");
        if (result.Outcome == ConformanceOutcome.Skipped && !result.Case.Title.Contains(nameof(IBuildStatusReader), StringComparison.Ordinal))
        {
            result.Reason.Should().StartWith("The harness");
        }
    }
}
