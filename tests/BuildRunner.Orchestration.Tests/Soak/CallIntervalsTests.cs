using System.Diagnostics;
using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

public sealed class CallIntervalsTests
{
    private readonly CallIntervals _calls = new();

    [Fact]
    public void Two_calls_about_a_build_at_the_same_time_are_found_with_their_time()
    {
        var first = _calls.Begin(Poll("1", process: 1));
        var second = _calls.Begin(Poll("1", process: 2) with { SentAt = Stopwatch.GetTimestamp() - (5 * Stopwatch.Frequency) });
        first.Dispose();
        second.Dispose();

        _calls.Overlaps.Should().ContainSingle().Which.Time.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Calls_about_two_builds_or_one_after_the_other_are_not()
    {
        using var other = _calls.Begin(Poll("2", process: 1));
        _calls.Begin(Poll("1", process: 1)).Dispose();
        _calls.Begin(Poll("1", process: 2)).Dispose();

        (_calls.Overlaps.Count, _calls.Count).Should().Be((0, 3));
    }

    // Sent long ago, so that only what is open counts.
    private static CiRequest Poll(string id, int process) =>
        new(CiOperation.Status, "ci") { BuildId = new(id), Process = process, SentAt = Stopwatch.GetTimestamp() - (10 * Stopwatch.Frequency) };
}
