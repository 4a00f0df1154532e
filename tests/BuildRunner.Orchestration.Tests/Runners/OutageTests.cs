using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Orchestration.Tests.Runners;

/// <summary>The difference between an outage of the runner and an error of a single build.</summary>
public sealed class OutageTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("ABABABAB", false)]
    [InlineData("ABCDABCD", false)]
    [InlineData("AABBCCDDE", true)]
    [InlineData("ABCDE", true)]
    public async Task Reads_of_five_builds_that_fail_in_a_row_are_an_outage(string failed, bool isOutage)
    {
        RunnerGate gate = new(new BuildRunnerOptions(), _time);
        var builds = failed.Distinct().ToDictionary(static name => name, static _ => Guid.NewGuid());
        foreach (var name in failed)
        {
            gate.Failed(builds[name], _time.GetTimestamp());
        }

        var (wait, _) = await gate.EnterAsync(TimeSpan.FromSeconds(5), CancellationToken.None);

        (wait is not null).Should().Be(isOutage);
    }

    [Fact]
    public async Task An_answer_in_between_begins_the_count_anew()
    {
        RunnerGate gate = new(new BuildRunnerOptions(), _time);
        for (var build = 0; build < 8; build++)
        {
            gate.Failed(Guid.NewGuid(), _time.GetTimestamp());
            if (build == 3)
            {
                gate.Answered();
            }
        }

        var (wait, _) = await gate.EnterAsync(TimeSpan.FromSeconds(5), CancellationToken.None);

        wait.Should().BeNull();
    }
}
