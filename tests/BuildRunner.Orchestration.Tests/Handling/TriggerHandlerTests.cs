using BuildRunner.Queue;
using NSubstitute.ExceptionExtensions;

namespace BuildRunner.Orchestration.Tests.Handling;

public sealed class TriggerHandlerTests : IAsyncDisposable
{
    private static readonly TimeSpan Settles = 2 * new BuildRunnerOptions().TriggerTimeout;

    private readonly HandlerFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_message_about_no_build_is_done()
    {
        _fixture.Current = null;

        (await DeliverAsync()).Should().Be(Outcome.Done);
    }

    [Fact]
    public async Task A_build_that_has_an_id_or_has_ended_is_not_triggered()
    {
        foreach (var build in new[] { _fixture.Running(), _fixture.NewBuild() with { Status = BuildStatus.Cancelled } })
        {
            _fixture.Current = build;

            (await DeliverAsync()).Should().Be(Outcome.Done);
        }

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        _fixture.Saved.Should().BeEmpty();
    }

    [Fact]
    public async Task What_the_runner_answers_is_saved_with_the_poll_and_the_wake()
    {
        Answer(HandlerFixture.RemoteId);

        (await DeliverAsync()).Should().Be(Outcome.Done);

        _fixture.Saved.Should().HaveCount(2);
        _fixture.Saved[0].OutgoingMessages.Should().BeEmpty("it is the mark");
        _fixture.Saved[1].Build.Should().Match<Build>(build => build.RemoteId == HandlerFixture.RemoteId && build.Status == BuildStatus.Accepted);
        _fixture.Saved[1].OutgoingMessages.Select(publication => publication.Topic).Should().BeEquivalentTo("buildsignal.ci", "buildchange");
        _fixture.Saved[1].OutgoingMessages.Should().ContainSingle(publication => publication.Message.Id == $"{_fixture.Current!.Id}/3" && publication.Message.PartitionKey == "queue-1");
    }

    [Fact]
    public async Task What_the_runner_answers_is_saved_without_the_token_of_the_handler()
    {
        using CancellationTokenSource stop = new();
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(_ =>
        {
            stop.Cancel();
            return Task.FromResult(HandlerFixture.RemoteId);
        });

        await DeliverAsync(stop.Token);

        _fixture.Saved.Should().HaveCount(2).And.OnlyContain(save => !save.Token.CanBeCanceled);
        _fixture.Current!.RemoteId.Should().Be(HandlerFixture.RemoteId);
    }

    [Fact]
    public async Task What_the_runner_answers_is_applied_to_what_somebody_else_has_saved_meanwhile()
    {
        Answer(HandlerFixture.RemoteId, _ => _fixture.Interferences.Enqueue(build => build with { CancelCause = BuildCancelCause.Caller }));

        await DeliverAsync();

        _fixture.Current.Should().Match<Build>(build => build.RemoteId == HandlerFixture.RemoteId && build.CancelCause == BuildCancelCause.Caller && build.Version == 4);
    }

    [Fact]
    public async Task A_mark_that_cannot_be_saved_because_of_somebody_else_is_decided_anew()
    {
        _fixture.Interferences.Enqueue(build => build with { CancelCause = BuildCancelCause.Caller });

        (await DeliverAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Status.Should().Be(BuildStatus.Cancelled);
        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_build_of_the_runner_that_nobody_needs_any_more_is_cancelled_and_named_in_the_note(bool isCancelled)
    {
        Answer(HandlerFixture.RemoteId, _ => _fixture.Interferences.Enqueue(build => build with { Status = BuildStatus.Failed, Note = "It was too late." }));
        if (!isCancelled)
        {
            _fixture.Runner.CancelAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerException());
        }

        await DeliverAsync();

        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        _fixture.Current!.Status.Should().Be(BuildStatus.Failed);
        _fixture.Current.RemoteId.Should().BeNull();
        _fixture.Current.Note.Should().StartWith("It was too late.").And.Contain(HandlerFixture.RemoteId.Value);
        _fixture.Saved[^1].OutgoingMessages.Should().BeEmpty("the status is what it was");
    }

    [Fact]
    public async Task A_second_build_of_the_runner_is_cancelled_and_the_first_goes_on()
    {
        BuildId other = new("remote-2");
        Answer(HandlerFixture.RemoteId, _ => _fixture.Interferences.Enqueue(build => build with { Status = BuildStatus.Running, RemoteId = other }));

        await DeliverAsync();

        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        _fixture.Current!.RemoteId.Should().Be(other);
        _fixture.Current.Note.Should().Contain(HandlerFixture.RemoteId.Value);
    }

    [Fact]
    public async Task A_build_of_the_runner_whose_record_is_gone_is_cancelled()
    {
        Answer(HandlerFixture.RemoteId, _ => _fixture.Current = null);

        await DeliverAsync();

        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_request_that_is_refused_for_good_ends_its_build_as_rejected()
    {
        _fixture.Runner.TriggerAsync(null!, default).ThrowsAsyncForAnyArgs(new BuildRunnerException("No."));

        (await DeliverAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Status.Should().Be(BuildStatus.Failed);
        _fixture.Current.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Rejected);
        _fixture.Current.Note.Should().Contain("No.");
    }

    [Fact]
    public async Task A_refusal_of_any_length_leaves_room_for_the_name_of_a_build_that_runs_on()
    {
        _fixture.Runner.TriggerAsync(null!, default).ThrowsAsyncForAnyArgs(new BuildRunnerException(new string('x', 5000)));
        await DeliverAsync();
        _fixture.Runner.CancelAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerException("No."));

        await _fixture.Services.GetRequiredService<TriggerAnswers>().SaveAsync(_fixture.Answer(HandlerFixture.RemoteId));

        _fixture.Current!.Note.Should().Contain($"'{HandlerFixture.RemoteId}'").And.Contain("xxx");
    }

    [Fact]
    public async Task A_refusal_for_the_moment_clears_the_mark_of_this_attempt()
    {
        Refuse(_ => { });

        var outcome = await DeliverAsync();

        _fixture.Current.Should().Match<Build>(build => build.Bookkeeping.TriggerAttemptedAt == null && build.Bookkeeping.ErrorsInARow == 1);
        outcome.Should().Be(Outcome.Postpone(_fixture.Current!.Bookkeeping.NotBefore!.Value - _fixture.Now));
        outcome.Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1)).And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_refusal_for_the_moment_leaves_the_mark_of_another_attempt()
    {
        var other = _fixture.Now.AddSeconds(1);
        Refuse(_ => _fixture.Current = _fixture.Current! with { Version = _fixture.Current.Version + 1, Bookkeeping = _fixture.Current.Bookkeeping with { TriggerAttemptedAt = other } });

        var outcome = await DeliverAsync();

        _fixture.Current!.Bookkeeping.TriggerAttemptedAt.Should().Be(other);
        outcome.Should().Be(Outcome.Postpone(Settles));
    }

    [Fact]
    public async Task A_save_that_took_too_long_is_followed_by_no_call()
    {
        _fixture.Store.When(store => store.TryUpdateAsync(Arg.Any<Build>(), Arg.Any<IReadOnlyList<OutgoingMessage>>(), Arg.Any<DocumentGuard>(), Arg.Any<CancellationToken>())).Do(_ => _fixture.Time.Advance(TimeSpan.FromSeconds(30)));

        (await DeliverAsync()).Should().Be(Outcome.Postpone(TimeSpan.Zero));

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        _fixture.Current!.Bookkeeping.TriggerAttemptedAt.Should().BeNull("nothing was asked of the runner");
    }

    [Fact]
    public async Task A_stop_while_the_mark_is_saved_is_followed_by_no_call_and_leaves_no_mark()
    {
        using CancellationTokenSource stop = new();
        _fixture.Store.When(store => store.TryUpdateAsync(Arg.Any<Build>(), Arg.Any<IReadOnlyList<OutgoingMessage>>(), Arg.Any<DocumentGuard>(), Arg.Any<CancellationToken>())).Do(_ => stop.Cancel());

        (await DeliverAsync(stop.Token)).Should().Be(Outcome.Postpone(TimeSpan.Zero));

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        _fixture.Current!.Bookkeeping.TriggerAttemptedAt.Should().BeNull();
    }

    [Fact]
    public async Task A_build_whose_deadline_has_passed_is_not_triggered_any_more()
    {
        _fixture.Time.Advance(TimeSpan.FromHours(6));

        (await DeliverAsync()).Should().Be(Outcome.Done);

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        _fixture.Current!.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Timeout);
    }

    [Fact]
    public async Task A_build_whose_deadline_has_passed_is_not_triggered_again_when_the_runner_does_not_find_it()
    {
        Mark();
        _fixture.Finder.FindAsync(null!, default).ReturnsForAnyArgs((BuildId?)null);
        _fixture.Time.Advance(TimeSpan.FromHours(6));

        await ShouldEndAtItsDeadlineAsync();
    }

    [Fact]
    public async Task A_build_whose_deadline_passes_while_it_is_looked_up_is_not_triggered_again()
    {
        Mark();
        _fixture.Finder.FindAsync(null!, default).ReturnsForAnyArgs(_ =>
        {
            _fixture.Time.Advance(TimeSpan.FromHours(6));
            return Task.FromResult<BuildId?>(null);
        });

        await ShouldEndAtItsDeadlineAsync();
    }

    [Fact]
    public async Task A_mark_is_waited_for_before_the_build_is_looked_up()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } };
        _fixture.Time.Advance(TimeSpan.FromSeconds(20));

        (await DeliverAsync()).Should().Be(Outcome.Postpone(Settles - TimeSpan.FromSeconds(20)));

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task A_look_up_that_fails_is_postponed_and_counted()
    {
        Mark();
        _fixture.Finder.FindAsync(null!, default).ThrowsAsyncForAnyArgs(new HttpRequestException());

        var outcome = await DeliverAsync();

        outcome.Kind.Should().Be(OutcomeKind.Postpone);
        _fixture.Current.Should().Match<Build>(build => build.Bookkeeping.ErrorsInARow == 1 && build.Bookkeeping.NotBefore != null && build.Bookkeeping.TriggerAttemptedAt != null);
        await _fixture.Runner.DidNotReceiveWithAnyArgs().TriggerAsync(null!, default);
    }

    [Fact]
    public async Task Before_its_time_nothing_is_called()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { NotBefore = _fixture.Now.AddMinutes(3) } };

        (await DeliverAsync()).Should().Be(Outcome.Postpone(TimeSpan.FromMinutes(3)));

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    private async Task ShouldEndAtItsDeadlineAsync()
    {
        (await DeliverAsync()).Should().Be(Outcome.Done);

        await _fixture.Runner.DidNotReceiveWithAnyArgs().TriggerAsync(null!, default);
        _fixture.Current!.Status.Should().Be(BuildStatus.Failed);
        _fixture.Current.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Timeout);
    }

    private void Mark()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } };
        _fixture.Time.Advance(Settles);
    }

    private void Answer(BuildId buildId, Action<BuildRequest>? before = null) => _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(call =>
    {
        before?.Invoke(call.Arg<BuildRequest>());
        return Task.FromResult(buildId);
    });

    private void Refuse(Action<BuildRequest> before) => _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs<Task<BuildId>>(call =>
    {
        before(call.Arg<BuildRequest>());
        throw new BuildRunnerException("Not now.") { IsTransient = true };
    });

    private Task<Outcome> DeliverAsync(CancellationToken cancellationToken = default) => _fixture.DeliverAsync<TriggerHandler>(cancellationToken: cancellationToken);
}
