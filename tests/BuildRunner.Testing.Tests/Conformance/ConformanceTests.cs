using BuildRunner.Tests;

namespace BuildRunner.Testing.Tests;

public sealed class ConformanceTests
{
    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Cases))]
    public async Task The_fake_passes_every_case_without_a_skip(ConformanceCase conformanceCase)
    {
        var result = await conformanceCase.RunAsync(new FakeHarness(), TestContext.Current.CancellationToken);

        (result.Outcome, result.Reason).Should().Be((ConformanceOutcome.Passed, ""));
        ConformancePage.Verify("Fake", result);
    }

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Cases))]
    public async Task The_fake_passes_every_case_when_its_calls_hop_threads(ConformanceCase conformanceCase)
    {
        var result = await conformanceCase.RunAsync(new HoppingHarness(), TestContext.Current.CancellationToken);

        (result.Outcome, result.Reason).Should().Be((ConformanceOutcome.Passed, ""));
    }

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Cases))]
    public async Task The_noop_fails_no_case(ConformanceCase conformanceCase)
    {
        var result = await conformanceCase.RunAsync(new NoopHarness(), TestContext.Current.CancellationToken);

        ConformancePage.Verify("Noop", result);
    }

    [Theory(Timeout = 600_000)]
    [InlineData(typeof(FakeHarness))]
    [InlineData(typeof(HoppingHarness))]
    [InlineData(typeof(StateReadingHarness))]
    [InlineData(typeof(CautiousHarness))]
    [InlineData(typeof(PatientHarness))]
    public async Task One_harness_serves_all_cases(Type harness)
    {
        var report = await Conformance.RunAllAsync((ConformanceHarness)Activator.CreateInstance(harness)!, TestContext.Current.CancellationToken);

        report.Results.Where(result => result.Outcome != ConformanceOutcome.Passed).Should().BeEmpty();
        (report.Conforms, report.UnprovenClauses.Count).Should().Be((true, 0));
    }

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Cases))]
    public async Task A_runner_passes_whose_backend_loses_a_cancel(ConformanceCase conformanceCase)
    {
        var result = await conformanceCase.RunAsync(new ForgetfulHarness(), TestContext.Current.CancellationToken);

        result.Outcome.Should().Be(ConformanceOutcome.Passed, result.Reason);
    }
}
