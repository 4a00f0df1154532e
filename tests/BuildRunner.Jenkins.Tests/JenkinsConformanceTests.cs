using BuildRunner.Testing;
using BuildRunner.Tests;

namespace BuildRunner.Jenkins.Tests;

/// <summary>The conformance kit against a fake in this process, as a Pipeline and as a freestyle project.</summary>
public sealed class JenkinsConformanceTests
{
    private readonly FakeTimeProvider _time = new();

    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public Task The_runner_conforms_on_a_Pipeline(ConformanceCase conformanceCase) =>
        RunAsync(conformanceCase, new FakeJenkins(_time), TestContext.Current.CancellationToken);

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public Task The_runner_conforms_on_a_freestyle_project(ConformanceCase conformanceCase) => RunAsync(
        conformanceCase,
        new FakeJenkins(_time) { Job = "shop/feature%2Fx", IsPipeline = false, ShowsInProgress = false },
        TestContext.Current.CancellationToken);

    private async Task RunAsync(ConformanceCase conformanceCase, FakeJenkins jenkins, CancellationToken cancellationToken)
    {
        jenkins.Tokens.Add(JenkinsSetup.Token);
        await using JenkinsHarness harness = new(jenkins, _time, new FakeTransport(jenkins), new Uri("https://ci.test/"));

        var result = await conformanceCase.RunAsync(harness, cancellationToken);

        ConformancePage.Verify("Jenkins", result, "A4: No credential is in a trace");
    }
}
