using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Tests.Documentation;

/// <summary>A consumer's test of code that uses a runner, with a substitute that matches requests by equality.</summary>
public sealed class ConsumerExampleTests
{
    private static readonly Change Queued = new("git://host/repo/refs%2Fheads%2Fqueued/1");
    private static readonly Change Candidate = new("git://host/repo/refs%2Fheads%2Fcandidate/2");
    private static readonly BuildId Build = new("42");

    private readonly IBuildRunner _runner = Substitute.For<IBuildRunner>();
    private readonly FakeTimeProvider _clock = new();
    private readonly MergeBot _bot;

    public ConsumerExampleTests()
    {
        _bot = new MergeBot(_runner, _clock);
        var request = new BuildRequest { Base = [Queued], Head = [Candidate], Metadata = [new("queue", "main")] };
        _runner.TriggerAsync(request, Arg.Any<CancellationToken>()).Returns(Build);
    }

    [Theory]
    [InlineData(BuildStatus.Succeeded, true)]
    [InlineData(BuildStatus.Failed, false)]
    [InlineData(BuildStatus.Cancelled, false)]
    public async Task A_candidate_may_merge_if_it_builds(BuildStatus status, bool expected)
    {
        _runner.StatusAsync(Build, Arg.Any<CancellationToken>()).Returns(new BuildSnapshot { Status = status });

        var mayMerge = await _bot.MayMergeAsync([Queued], Candidate);

        mayMerge.Should().Be(expected);
    }

    [Fact]
    public async Task A_build_that_takes_too_long_is_cancelled()
    {
        _runner.StatusAsync(Build, Arg.Any<CancellationToken>()).Returns(new BuildSnapshot { Status = BuildStatus.Running });
        var mayMerge = _bot.MayMergeAsync([Queued], Candidate);

        _clock.Advance(TimeSpan.FromHours(1));

        (await mayMerge).Should().BeFalse();
        await _runner.Received(1).CancelAsync(Build, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Another_request_is_not_matched()
    {
        Func<Task> act = () => _bot.MayMergeAsync([], Candidate);

        await act.Should().ThrowAsync<ArgumentException>("the substitute has no id for that request, and a default id is refused");
    }
}
