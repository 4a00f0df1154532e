namespace BuildRunner.Model.Tests;

/// <summary>Every interleaving of each scenario keeps the rules. The numbers of states are part of the test: a step that is not reached any more would otherwise be missed by nobody.</summary>
[Slow]
public sealed class ScenarioTests
{
    // The others are explored once, where they are replayed.
    public static TheoryData<string> Names =>
    [
        .. Scenarios.All.Select(static scenario => scenario.Name)
            .Except(
            [
                .. ReplayTests.Scenarios,
                .. LimitReplayTests.Scenarios,
                .. AttemptReplayTests.Scenarios,
                .. SlotReplayTests.Scenarios,
                .. GroupReplayTests.Scenarios,
                .. SupersedeReplayTests.Scenarios,
            ]),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_interleaving_breaks_a_rule(string name)
    {
        var scenario = Scenarios.All.Single(scenario => scenario.Name == name);

        var findings = scenario.Explore(null);

        findings.Violations.Should().BeEmpty(findings.Text);
        findings.States.Should().Be(scenario.States);
    }
}
