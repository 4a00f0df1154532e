using BuildRunner.Orchestration.Soak;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Orchestration.Tests.Soak;

public sealed class CallIntervalsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CallIntervals _calls;

    public CallIntervalsTests() => _calls = new(_time);

    [Fact]
    public void A_call_that_goes_on_after_another_one_about_the_build_was_sent_is_found_with_that_time_however_short_the_other_one_is()
    {
        var first = Poll("1", process: 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        Poll("1", process: 2).Dispose();
        _time.Advance(TimeSpan.FromSeconds(5));
        first.Dispose();

        _calls.Overlaps.Should().ContainSingle().Which.Time.Should().Be(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Of_two_calls_the_first_is_that_which_was_sent_first_although_it_arrives_later()
    {
        var sentAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        var second = Poll("1", process: 2);
        var first = _calls.Begin(RequestOf("1", process: 1, sentAt));
        _time.Advance(TimeSpan.FromSeconds(2));
        first.Dispose();
        _time.Advance(TimeSpan.FromSeconds(4));
        second.Dispose();

        _calls.Overlaps.Should().ContainSingle().Which.Time.Should().Be(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_call_that_has_ended_before_one_arrives_that_was_sent_first_is_found()
    {
        var sentAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        var second = Poll("1", process: 2);
        _time.Advance(TimeSpan.FromSeconds(2));
        second.Dispose();
        var first = _calls.Begin(RequestOf("1", process: 1, sentAt));
        _time.Advance(TimeSpan.FromSeconds(4));
        first.Dispose();

        _calls.Overlaps.Should().ContainSingle().Which.Time.Should().Be(TimeSpan.FromSeconds(6));
    }

    [Fact]
    public void A_call_that_goes_on_overlaps_until_now()
    {
        using var first = Poll("1", process: 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        Poll("1", process: 2).Dispose();
        _time.Advance(TimeSpan.FromSeconds(5));

        _calls.Overlaps.Should().ContainSingle().Which.Time.Should().Be(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Calls_about_two_builds_or_one_after_the_other_are_not()
    {
        using var other = Poll("2", process: 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        Poll("1", process: 1).Dispose();
        Poll("1", process: 2).Dispose();

        (_calls.Overlaps.Count, _calls.Count).Should().Be((0, 3));
    }

    private static CiRequest RequestOf(string id, int process, long sentAt) =>
        new(CiOperation.Status, "ci") { BuildId = new(id), Process = process, SentAt = sentAt };

    private IDisposable Poll(string id, int process) => _calls.Begin(RequestOf(id, process, _time.GetTimestamp()));
}
