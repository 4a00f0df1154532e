using BuildRunner.Queue;
using NSubstitute.ExceptionExtensions;

namespace BuildRunner.Orchestration.Tests.Handling;

public sealed class PollHandlerTests : IAsyncDisposable
{
    private readonly HandlerFixture _fixture = new();

    public PollHandlerTests() => _fixture.Current = _fixture.Running();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_build_that_is_gone_has_ended_or_has_no_id_is_done()
    {
        foreach (var build in new[] { null, _fixture.NewBuild(), _fixture.Running() with { Status = BuildStatus.Succeeded } })
        {
            _fixture.Current = build;

            (await DeliverAsync()).Should().Be(Outcome.Done);
        }

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    [Theory]
    [InlineData(BuildStatus.Running, 2)]
    [InlineData(BuildStatus.Accepted, 5)]
    public async Task A_build_that_goes_on_is_polled_again_after_the_pause_of_its_status(BuildStatus status, int seconds)
    {
        Answer(new BuildSnapshot { Status = status });

        var outcome = await DeliverAsync();

        ShouldBePause(outcome, TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData(30, 30)]
    [InlineData(0.1, 0.5)]
    [InlineData(3600, 600)]
    public async Task A_hint_of_the_runner_goes_before_the_pause_within_bounds(double hint, double seconds)
    {
        Answer(new BuildSnapshot { Status = BuildStatus.Running, PollAfter = TimeSpan.FromSeconds(hint) });

        var outcome = await DeliverAsync();

        ShouldBePause(outcome, TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task A_change_is_saved_with_the_wake_and_with_nothing_else()
    {
        Answer(new BuildSnapshot { Status = BuildStatus.Succeeded });

        (await DeliverAsync()).Should().Be(Outcome.Done);

        _fixture.Saved.Should().ContainSingle().Which.OutgoingMessages.Should().ContainSingle().Which.Topic.Should().Be("buildchange");
    }

    [Fact]
    public async Task What_the_runner_answers_is_saved_without_the_token_of_the_handler()
    {
        using CancellationTokenSource stop = new();
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(_ =>
        {
            stop.Cancel();
            return Task.FromResult(new BuildSnapshot { Status = BuildStatus.Succeeded });
        });

        (await DeliverAsync(stop.Token)).Should().Be(Outcome.Done);

        _fixture.Saved.Should().ContainSingle().Which.Token.CanBeCanceled.Should().BeFalse();
        _fixture.Current!.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task What_the_runner_answers_is_applied_to_what_somebody_else_has_saved_meanwhile()
    {
        Answer(new BuildSnapshot { Status = BuildStatus.Cancelled });
        _fixture.Interferences.Enqueue(build => build with { CancelCause = BuildCancelCause.Deadline });

        (await DeliverAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Status.Should().Be(BuildStatus.Failed, "it was cancelled because of its deadline");
        _fixture.Current.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Timeout);
    }

    [Fact]
    public async Task An_answer_is_dropped_where_somebody_else_has_ended_the_build()
    {
        Answer(new BuildSnapshot { Status = BuildStatus.Succeeded });
        _fixture.Interferences.Enqueue(build => build with { Status = BuildStatus.Failed });

        (await DeliverAsync()).Should().Be(Outcome.Done);

        _fixture.Saved.Should().BeEmpty();
        _fixture.Current!.Status.Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task An_error_is_counted_on_top_of_what_somebody_else_has_saved_meanwhile()
    {
        _fixture.Runner.StatusAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerException { IsTransient = true, RetryAfter = TimeSpan.FromMinutes(1) });
        _fixture.Interferences.Enqueue(build => build with { CancelCause = BuildCancelCause.Caller });

        var outcome = await DeliverAsync();

        _fixture.Current.Should().Match<Build>(build => build.CancelCause == BuildCancelCause.Caller && build.Bookkeeping.ErrorsInARow == 1);
        ShouldBePause(outcome, TimeSpan.FromMinutes(1));
        (_fixture.Current!.Bookkeeping.NotBefore - _fixture.Now).Should().Be(outcome.Delay);
    }

    [Fact]
    public async Task A_retry_after_without_sense_is_no_error_of_ours()
    {
        _fixture.Runner.StatusAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerException { IsTransient = true, RetryAfter = TimeSpan.MaxValue });

        var outcome = await DeliverAsync();

        outcome.Delay.Should().BeGreaterThan(TimeSpan.FromDays(29));
    }

    [Fact]
    public async Task A_poll_that_is_cut_off_saves_nothing_and_comes_again()
    {
        using CancellationTokenSource stop = new();
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new TaskCompletionSource<BuildSnapshot>().Task);
        var handling = DeliverAsync(stop.Token);

        await stop.CancelAsync();

        await handling.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        _fixture.Saved.Should().BeEmpty();
    }

    [Fact]
    public async Task A_cancel_is_sent_before_the_status_is_asked_for()
    {
        _fixture.Current = _fixture.Running() with { CancelCause = BuildCancelCause.Caller };
        Answer(new BuildSnapshot { Status = BuildStatus.Running });

        await DeliverAsync();

        Received.InOrder(() =>
        {
            _fixture.Runner.CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
            _fixture.Runner.StatusAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        });
    }

    [Fact]
    public async Task A_cancel_is_sent_again_soon_while_polls_are_held_back()
    {
        await LimitReadsAsync(TimeSpan.FromHours(1));
        _fixture.Current = _fixture.Running() with { CancelCause = BuildCancelCause.Caller };

        var first = await DeliverAsync();
        _fixture.Time.Advance(first.Delay);
        var second = await DeliverAsync();

        ShouldBePause(first, new BuildRunnerOptions().RunningPollDelay);
        ShouldBePause(second, new BuildRunnerOptions().RunningPollDelay);
        await _fixture.Runner.Received(2).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        await _fixture.Runner.DidNotReceive().StatusAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_whose_poll_is_not_answered_leaves_the_rest_to_the_message_that_polls(bool isHeldBack)
    {
        var publisher = Substitute.For<IPublisher>();
        await using HandlerFixture fixture = new(configure: stage => stage.Services.AddSingleton(publisher));
        fixture.Current = fixture.Running() with { CancelCause = isHeldBack ? BuildCancelCause.Caller : BuildCancelCause.None };
        fixture.Runner.StatusAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerException { IsTransient = true, RetryAfter = TimeSpan.FromMinutes(1) });
        if (isHeldBack)
        {
            await PollAnotherAsync(fixture);
        }

        var outcome = await fixture.DeliverAsync<PollHandler>(suffix: "/signal");

        outcome.Should().Be(Outcome.Done);
        var least = isHeldBack ? new BuildRunnerOptions().RunningPollDelay : TimeSpan.FromMinutes(1);
        await publisher.Received(1).PublishAfterAsync(
            BuildTopics.SignalOf("ci"),
            Arg.Is<Message>(message => message.Id == fixture.Current.Id.ToString()),
            Arg.Is<TimeSpan>(delay => delay >= least && delay <= 1.2 * least + TimeSpan.FromMilliseconds(1)),
            Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task What_the_runner_asks_for_at_a_cancel_is_kept_also_where_it_does_not_find_the_build()
    {
        _fixture.Current = _fixture.Running() with { CancelCause = BuildCancelCause.Caller };
        _fixture.Runner.CancelAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerException { IsTransient = true, RetryAfter = TimeSpan.FromMinutes(10) });
        _fixture.Runner.StatusAsync(default).ThrowsAsyncForAnyArgs(new BuildNotFoundException());
        var since = _fixture.Now;

        var first = await DeliverAsync();
        var missing = _fixture.Current;
        _fixture.Time.Advance(first.Delay);
        var second = await DeliverAsync();

        ShouldBePause(first, TimeSpan.FromMinutes(10));
        missing.Should().Match<Build>(build => build.Bookkeeping.NotBefore == since + first.Delay && build.Bookkeeping.MissingSince == since);
        second.Should().Be(Outcome.Done, "it was said for longer than the grace");
        _fixture.Current.Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task What_else_the_runner_has_created_stays_in_the_note()
    {
        _fixture.Current = _fixture.Running() with { Note = "The runner also created 'remote-2', which could not be cancelled and may run on." };
        Answer(new BuildSnapshot { Status = (BuildStatus)42, Metadata = [new(BuildMetadataKeys.NativeState, "odd")] });
        await DeliverAsync();
        var unknown = _fixture.Current.Note;
        Answer(new BuildSnapshot { Status = BuildStatus.Succeeded });

        await DeliverAsync();

        unknown.Should().Contain("remote-2").And.Contain("odd");
        _fixture.Current.Note.Should().Contain("remote-2").And.NotContain("odd");
    }

    private static async Task PollAnotherAsync(HandlerFixture fixture)
    {
        var client = fixture.Services.GetRequiredService<RunnerClients>().Get("ci");
        await client.Invoking(it => it.StatusAsync(Guid.NewGuid(), new BuildId("remote-2"), maxAge: null, CancellationToken.None)).Should().ThrowAsync<BuildRunnerException>();
    }

    private Task LimitReadsAsync(TimeSpan retryAfter)
    {
        _fixture.Runner.StatusAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerException { IsTransient = true, RetryAfter = retryAfter });
        return PollAnotherAsync(_fixture);
    }

    private static void ShouldBePause(Outcome outcome, TimeSpan least)
    {
        outcome.Kind.Should().Be(OutcomeKind.Postpone);
        outcome.Delay.Should().BeGreaterThanOrEqualTo(least).And.BeLessThanOrEqualTo((1.2 * least) + TimeSpan.FromMilliseconds(1));
    }

    private void Answer(BuildSnapshot snapshot) => _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(snapshot);

    [Theory]
    [InlineData("The runner is not set up correctly: it says so.")]
    [InlineData("The runner says that the build is in a state that is not known: 'x'.")]
    public async Task What_a_note_says_is_no_state_of_the_build(string sentence)
    {
        _fixture.Current = _fixture.Running() with { Note = $"It began. {sentence} It went on." };
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Accepted });

        await DeliverAsync();

        _fixture.Current.Note.Should().Be($"It began. {sentence} It went on.");
    }

    [Fact]
    public async Task What_passes_of_a_note_is_behind_what_stays_and_goes_with_the_next_answer()
    {
        var statuses = new Queue<BuildSnapshot>([new() { Status = BuildStatus.Unknown, Metadata = [new(BuildMetadataKeys.NativeState, "on the moon")] }, new() { Status = BuildStatus.Running }]);
        _fixture.Current = _fixture.Running() with { Note = "It began." };
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(_ => statuses.Dequeue());

        await DeliverAsync();
        var note = _fixture.Current.Note;
        await DeliverAsync();

        note.Should().StartWith("It began. ").And.Contain("'on the moon'");
        _fixture.Current.Note.Should().Be("It began.");
    }

    private Task<Outcome> DeliverAsync(CancellationToken cancellationToken = default) => _fixture.DeliverAsync<PollHandler>(cancellationToken: cancellationToken);
}
