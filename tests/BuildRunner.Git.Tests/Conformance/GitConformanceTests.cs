using BuildRunner.Testing;
using BuildRunner.Tests;

namespace BuildRunner.Git.Tests.Conformance;

/// <summary>The git runner declares every capability and is held to all of them.</summary>
[Slow]
public sealed class GitConformanceTests
{
    // A runner of this machine has credentials only for a remote.
    private static readonly string[] WithRemote =
    [
        "A4: No credential is in an exception",
        "A4: No credential is in the metadata",
        "A4: No credential is in the log",
        "A4: No credential is in a trace",
        "A5: A trigger whose credentials are refused says that the setup is at fault",
        "A5: The same runner works again when the setup is mended",
    ];

    // Many cases in one test, which is no sign of a hang.
    private const int AllCases = 900_000;

    public static TheoryData<ConformanceCase> Cases => [.. Testing.Conformance.Cases];

    [TimedTheory]
    [MemberData(nameof(Cases))]
    public async Task From_several_processes_on_one_state_directory(ConformanceCase conformanceCase)
    {
        await using HostedHarness harness = new();
        await harness.OpenAsync();

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        ConformancePage.Verify("Git", result, WithRemote);
    }

    [TimedFact(Timeout = AllCases)]
    public async Task With_a_remote_that_refuses_credentials()
    {
        await using RemoteHarness harness = new();
        await harness.OpenAsync();

        foreach (var conformanceCase in Testing.Conformance.Cases.Where(static each => each.Clause is "T4" or "A4" or "A5"))
        {
            ConformancePage.Verify("Git", await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken));
        }
    }

    [TimedFact(Timeout = AllCases)]
    public async Task In_one_process()
    {
        await using GitHarness harness = new();
        await harness.OpenAsync();

        var report = await Testing.Conformance.RunAllAsync(harness, TestContext.Current.CancellationToken);

        report.Results.Should().AllSatisfy(static result => ConformancePage.Verify("Git", result, WithRemote));
        report.Conforms.Should().BeTrue();
    }
}
