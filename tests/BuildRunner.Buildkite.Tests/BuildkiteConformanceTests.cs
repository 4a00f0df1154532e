using BuildRunner.Testing;
using BuildRunner.Tests;

namespace BuildRunner.Buildkite.Tests;

/// <summary>The conformance kit against a fake in this process.</summary>
public sealed class BuildkiteConformanceTests
{
    private static readonly Uri Address = new("https://api.buildkite.test/v2/");

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public async Task The_runner_conforms(ConformanceCase conformanceCase)
    {
        FakeBuildkite buildkite = new(_time) { Limits = (100_000, 100_000) };
        buildkite.Tokens[BuildkiteSetup.Token] = BuildkiteSetup.Scopes;
        await using BuildkiteHarness harness = new(buildkite, _time, new FakeTransport(buildkite), Address);

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        ConformancePage.Verify("Buildkite", result, "A4: No credential is in a trace");
    }
}
