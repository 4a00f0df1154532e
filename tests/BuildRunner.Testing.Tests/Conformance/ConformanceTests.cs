namespace BuildRunner.Testing.Tests;

public sealed class ConformanceTests
{
    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Cases))]
    public async Task The_fake_passes_every_case_without_a_skip(ConformanceCase conformanceCase)
    {
        var result = await conformanceCase.RunAsync(new FakeHarness(), TestContext.Current.CancellationToken);

        result.Should().Be(new ConformanceResult(conformanceCase, ConformanceOutcome.Passed, ""));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Cases))]
    public async Task The_fake_passes_every_case_when_its_calls_hop_threads(ConformanceCase conformanceCase)
    {
        var result = await conformanceCase.RunAsync(new HoppingHarness(), TestContext.Current.CancellationToken);

        result.Should().Be(new ConformanceResult(conformanceCase, ConformanceOutcome.Passed, ""));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Cases))]
    public async Task The_noop_fails_no_case(ConformanceCase conformanceCase)
    {
        var result = await conformanceCase.RunAsync(new NoopHarness(), TestContext.Current.CancellationToken);

        result.Outcome.Should().NotBe(ConformanceOutcome.Failed, result.Reason);
    }

    [Fact(Timeout = 60_000)]
    public async Task One_harness_serves_all_cases()
    {
        var report = await Conformance.RunAllAsync(new FakeHarness(), TestContext.Current.CancellationToken);

        report.Results.Should().OnlyContain(result => result.Outcome == ConformanceOutcome.Passed);
        report.Conforms.Should().BeTrue();
    }
}
