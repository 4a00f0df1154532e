using BuildRunner.Queue;
using Microsoft.Extensions.Logging;
using NSubstitute.ExceptionExtensions;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>A runner whose setup is at fault says nothing of the build that it was called about, which waits.</summary>
public sealed class FaultySetupTests : IAsyncDisposable
{
    private const string Reason = "The token was refused.";

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly HandlerFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_trigger_clears_its_mark_and_waits()
    {
        FailTriggers();

        var outcome = await TriggerAsync();

        outcome.Should().Be(Outcome.Postpone(_fixture.Current!.Bookkeeping.NotBefore!.Value - _fixture.Now));
        outcome.Delay.Should().BeGreaterThanOrEqualTo(FirstPause / 2).And.BeLessThanOrEqualTo(FirstPause);
        _fixture.Current.Should().Match<Build>(build => build.Bookkeeping.TriggerAttemptedAt == null && !build.Status.IsTerminal() && build.Bookkeeping.ErrorsInARow == 1);
        _fixture.Current.Note.Should().Contain(Reason);
        _fixture.Postpones.Should().Equal("configuration");
    }

    [Fact]
    public async Task A_trigger_leaves_the_mark_of_another_attempt()
    {
        var other = _fixture.Now.AddSeconds(1);
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs<Task<BuildId>>(_ =>
        {
            _fixture.Current = _fixture.Current! with { Version = _fixture.Current.Version + 1, Bookkeeping = _fixture.Current.Bookkeeping with { TriggerAttemptedAt = other } };
            throw new BuildRunnerConfigurationException(Reason);
        });

        await TriggerAsync();

        _fixture.Current!.Bookkeeping.TriggerAttemptedAt.Should().Be(other);
    }

    [Fact]
    public async Task The_pause_grows_to_five_minutes()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { ErrorsInARow = 20 } };
        FailTriggers();

        (await TriggerAsync()).Delay.Should().BeGreaterThanOrEqualTo(LongestPause / 2).And.BeLessThanOrEqualTo(LongestPause);
    }

    [Fact]
    public async Task The_pause_is_at_least_what_the_runner_asks_for()
    {
        _fixture.Runner.TriggerAsync(null!, default).ThrowsAsyncForAnyArgs(new BuildRunnerConfigurationException(Reason) { RetryAfter = TimeSpan.FromHours(1) });

        (await TriggerAsync()).Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_poll_waits_and_the_build_goes_on_when_the_setup_is_mended()
    {
        _fixture.Current = _fixture.Running();
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(_ => throw new BuildRunnerConfigurationException(Reason), _ => new BuildSnapshot { Status = BuildStatus.Succeeded });

        var outcome = await PollAsync();
        var waiting = _fixture.Current;
        _fixture.Time.Advance(outcome.Delay);
        await PollAsync();

        outcome.Delay.Should().BeGreaterThanOrEqualTo(FirstPause / 2);
        waiting.Should().Match<Build>(build => build.Status == BuildStatus.Running && build.Note!.Contains(Reason));
        _fixture.Current.Should().Match<Build>(build => build.Status == BuildStatus.Succeeded && build.Note == null);
    }

    [Fact]
    public async Task A_look_up_waits()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now.AddHours(-1) } };
        _fixture.Finder.FindAsync(null!, default).ThrowsAsyncForAnyArgs(new BuildRunnerConfigurationException(Reason));

        var outcome = await TriggerAsync();

        outcome.Delay.Should().BeGreaterThanOrEqualTo(FirstPause / 2);
        _fixture.Current.Should().Match<Build>(build => build.Bookkeeping.TriggerAttemptedAt != null && build.Note!.Contains(Reason));
    }

    [Fact]
    public async Task A_cancel_waits_and_what_the_runner_says_of_the_build_holds()
    {
        _fixture.Current = _fixture.Running() with { CancelCause = BuildCancelCause.Caller, Status = BuildStatus.Accepted };
        _fixture.Runner.CancelAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerConfigurationException(Reason));
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Running });

        var outcome = await PollAsync();

        outcome.Delay.Should().BeGreaterThanOrEqualTo(FirstPause / 2);
        _fixture.Current.Should().Match<Build>(build => build.Status == BuildStatus.Running && build.Note!.Contains(Reason));
        _fixture.Saved.Should().ContainSingle();
    }

    [Fact]
    public async Task The_pause_of_a_cancel_that_the_setup_does_not_allow_grows()
    {
        _fixture.Current = _fixture.Running() with { CancelCause = BuildCancelCause.Caller };
        _fixture.Runner.CancelAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerConfigurationException(Reason));
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Running });
        var polls = 0;

        for (; polls < 10; polls++)
        {
            _fixture.Time.Advance((await PollAsync()).Delay);
        }

        _fixture.Current!.Bookkeeping.ErrorsInARow.Should().Be(polls);
        _fixture.Saved.Should().HaveCount(polls);
        (await PollAsync()).Delay.Should().BeGreaterThan(FirstPause);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_done_for_a_build_that_has_ended_waits_too(bool isKnown)
    {
        var ended = isKnown ? _fixture.Running() : _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } };
        _fixture.Current = ended with { Status = BuildStatus.Failed, CancelCause = BuildCancelCause.Deadline, EndedAt = _fixture.Now, Bookkeeping = ended.Bookkeeping with { GraceEndsAt = _fixture.Now } };
        _fixture.Runner.CancelAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerConfigurationException(Reason));
        _fixture.Finder.FindAsync(null!, default).ThrowsAsyncForAnyArgs(new BuildRunnerConfigurationException(Reason));

        var early = isKnown ? await PollAsync() : await TriggerAsync();
        _fixture.Time.Advance(TimeSpan.FromHours(2));
        var late = isKnown ? await PollAsync() : await TriggerAsync();

        early.Delay.Should().BeGreaterThanOrEqualTo(FirstPause / 2);
        late.Should().Be(Outcome.Done, "it is not waited for without end");
    }

    [Fact]
    public async Task A_build_that_has_waited_until_its_deadline_has_timed_out_and_says_why()
    {
        FailTriggers();
        await TriggerAsync();
        _fixture.Time.Advance(TimeSpan.FromHours(6));

        (await TriggerAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Timeout);
        _fixture.Current.Note.Should().Contain(Reason);
    }

    [Fact]
    public async Task A_build_that_is_accepted_in_the_end_has_no_note_of_it()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(_ => throw new BuildRunnerConfigurationException(Reason), _ => HandlerFixture.RemoteId);
        _fixture.Time.Advance((await TriggerAsync()).Delay);

        await TriggerAsync();

        _fixture.Current.Should().Match<Build>(build => build.Status == BuildStatus.Accepted && build.Note == null && build.Bookkeeping.ErrorsInARow == 0);
    }

    [Fact]
    public async Task A_request_that_is_rejected_after_all_has_a_note_of_that_alone()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs<Task<BuildId>>(_ => throw new BuildRunnerConfigurationException(Reason), _ => throw new BuildRunnerException("No such base."));
        _fixture.Time.Advance((await TriggerAsync()).Delay);

        await TriggerAsync();

        _fixture.Current!.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Rejected);
        _fixture.Current.Note.Should().Contain("No such base.").And.NotContain(Reason);
    }

    [Fact]
    public async Task It_is_logged_once_as_an_error_and_once_when_it_is_over()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(_ => throw new BuildRunnerConfigurationException(Reason), _ => throw new BuildRunnerConfigurationException(Reason), _ => HandlerFixture.RemoteId);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            _fixture.Time.Advance((await TriggerAsync()).Delay);
        }

        _fixture.Current!.Status.Should().Be(BuildStatus.Accepted);
        _fixture.Log.Entries.Should().ContainSingle(entry => entry.Level == LogLevel.Error);
        _fixture.Log.Entries.Should().NotContain(entry => entry.Level == LogLevel.Warning);
        _fixture.Log.Entries.Should().ContainSingle(entry => entry.Level == LogLevel.Information);
    }

    [Fact]
    public async Task A_log_that_is_broken_loses_no_answer()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(_ => throw new BuildRunnerConfigurationException(Reason), _ => HandlerFixture.RemoteId);
        _fixture.Time.Advance((await TriggerAsync()).Delay);
        _fixture.Log.IsBroken = true;

        await TriggerAsync();

        _fixture.Current!.RemoteId.Should().Be(HandlerFixture.RemoteId);
    }

    private void FailTriggers() => _fixture.Runner.TriggerAsync(null!, default).ThrowsAsyncForAnyArgs(new BuildRunnerConfigurationException(Reason));

    private Task<Outcome> TriggerAsync() => _fixture.DeliverAsync<TriggerHandler>();

    private Task<Outcome> PollAsync() => _fixture.DeliverAsync<PollHandler>();
}
