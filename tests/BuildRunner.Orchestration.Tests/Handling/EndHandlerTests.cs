using BuildRunner.Queue;
using NSubstitute.ExceptionExtensions;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>How builds end that do not end by themselves at a deadline.</summary>
public sealed class EndHandlerTests : IAsyncDisposable
{
    private static readonly TimeSpan Grace = new BuildRunnerOptions().Grace;

    private readonly HandlerFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Before_the_deadline_its_message_is_postponed_to_it()
    {
        _fixture.Current = _fixture.Running();

        (await DeadlineAsync()).Should().Be(Outcome.Postpone(TimeSpan.FromHours(6)));

        _fixture.Saved.Should().BeEmpty();
    }

    [Theory]
    [InlineData(true, "buildsignal.ci")]
    [InlineData(false, "build.ci")]
    public async Task At_the_deadline_the_build_is_cancelled_without_a_call(bool isKnown, string topic)
    {
        _fixture.Current = isKnown ? _fixture.Running() : _fixture.NewBuild();
        _fixture.Time.Advance(TimeSpan.FromHours(6));

        (await DeadlineAsync()).Should().Be(Outcome.Postpone(Grace));

        _fixture.Current.Should().Match<Build>(build => build.CancelCause == BuildCancelCause.Deadline && build.Bookkeeping.GraceEndsAt == _fixture.Now + Grace);
        _fixture.Saved.Should().ContainSingle().Which.OutgoingMessages.Should().ContainSingle().Which.Topic.Should().Be(topic);
        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task A_build_that_a_caller_has_cancelled_keeps_that_cause_at_its_deadline()
    {
        _fixture.Current = _fixture.Running() with { CancelCause = BuildCancelCause.Caller };
        _fixture.Time.Advance(TimeSpan.FromHours(6));

        await DeadlineAsync();

        _fixture.Current.Should().Match<Build>(build => build.CancelCause == BuildCancelCause.Caller && build.Bookkeeping.GraceEndsAt != null);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task When_nothing_was_answered_after_the_grace_the_build_ends_with_a_note_of_what_may_run_on(int known)
    {
        var build = known switch { 0 => _fixture.NewBuild(), 1 => _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } }, _ => _fixture.Running() };
        _fixture.Current = build with { Bookkeeping = build.Bookkeeping with { GraceEndsAt = _fixture.Now + Grace, LastCallEndsAt = known == 0 ? null : _fixture.Now + Grace } };
        _fixture.Time.Advance(Grace);

        (await DeadlineAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Timeout);
        string[] next = known switch { 0 => [], 1 => ["build.ci"], _ => ["buildsignal.ci"] };
        _fixture.Saved.Should().ContainSingle().Which.OutgoingMessages.Select(publication => publication.Topic).Should().BeEquivalentTo([.. next, "buildchange"], "what may run on is told once more");
        if (known == 2)
        {
            _fixture.Current.Note.Should().Contain(HandlerFixture.RemoteId.Value);
        }
        else
        {
            _fixture.Current.Note.Should().NotBeNullOrEmpty();
        }
    }

    [Fact]
    public async Task A_deadline_is_decided_anew_where_somebody_else_has_ended_the_build()
    {
        _fixture.Current = _fixture.Running() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now, GraceEndsAt = _fixture.Now } };
        _fixture.Interferences.Enqueue(build => build with { Status = BuildStatus.Succeeded });

        (await DeadlineAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_deadline_is_decided_anew_where_somebody_else_has_changed_the_build()
    {
        _fixture.Current = _fixture.Running() with { Deadline = _fixture.Now };
        _fixture.Interferences.Enqueue(build => build with { Bookkeeping = build.Bookkeeping with { ErrorsInARow = 7 } });

        (await DeadlineAsync()).Should().Be(Outcome.Postpone(Grace));

        _fixture.Current.Should().Match<Build>(build => build.Bookkeeping.ErrorsInARow == 7 && build.CancelCause == BuildCancelCause.Deadline);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_may_run_on_after_the_grace_is_cancelled_once_and_not_asked(bool fails)
    {
        _fixture.Current = _fixture.Running() with { Status = BuildStatus.Failed, CancelCause = BuildCancelCause.Deadline, EndedAt = _fixture.Now, Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now, GraceEndsAt = _fixture.Now } };
        if (fails)
        {
            _fixture.Runner.CancelAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerException());
        }

        (await _fixture.DeliverAsync<PollHandler>()).Should().Be(Outcome.Done);

        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        await _fixture.Runner.DidNotReceiveWithAnyArgs().StatusAsync(default);
        _fixture.Saved.Should().BeEmpty();
    }

    [Fact]
    public async Task What_may_run_on_does_not_wait_for_ever_for_its_cancel()
    {
        _fixture.Current = _fixture.Running() with { Status = BuildStatus.Failed, CancelCause = BuildCancelCause.Deadline, EndedAt = _fixture.Now, Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now, GraceEndsAt = _fixture.Now } };
        _fixture.Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(1));

        (await _fixture.DeliverAsync<PollHandler>()).Should().Be(Outcome.Done);

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task What_may_run_on_is_cancelled_after_a_pause_of_any_length_that_the_runner_has_asked_for()
    {
        _fixture.Current = _fixture.Running() with { Status = BuildStatus.Failed, CancelCause = BuildCancelCause.Deadline, EndedAt = _fixture.Now, Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now, GraceEndsAt = _fixture.Now, NotBefore = _fixture.Now.AddDays(1) } };
        var before = await _fixture.DeliverAsync<PollHandler>();
        _fixture.Time.Advance(before.Delay);

        (await _fixture.DeliverAsync<PollHandler>()).Should().Be(Outcome.Done);

        before.Should().Be(Outcome.Postpone(TimeSpan.FromDays(1)));
        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task What_may_have_been_created_is_looked_up_after_the_grace_and_cancelled_and_named()
    {
        _fixture.Current = _fixture.NewBuild() with { Status = BuildStatus.Failed, CancelCause = BuildCancelCause.Deadline, EndedAt = _fixture.Now, Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now, GraceEndsAt = _fixture.Now } };
        _fixture.Finder.FindAsync(_fixture.Current.Request.TriggerKey!, Arg.Any<CancellationToken>()).Returns(HandlerFixture.RemoteId);

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Done);

        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        _fixture.Current.Note.Should().Contain(HandlerFixture.RemoteId.Value);
        _fixture.Current.Status.Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task What_may_have_been_created_is_not_looked_up_for_ever()
    {
        _fixture.Current = _fixture.NewBuild() with { Status = BuildStatus.Failed, CancelCause = BuildCancelCause.Deadline, EndedAt = _fixture.Now, Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now, GraceEndsAt = _fixture.Now } };
        _fixture.Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(1));

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Done);

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task What_may_have_been_created_is_not_looked_up_before_the_time_that_the_runner_has_asked_for()
    {
        _fixture.Current = _fixture.NewBuild() with { Status = BuildStatus.Failed, CancelCause = BuildCancelCause.Deadline, EndedAt = _fixture.Now, Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now, GraceEndsAt = _fixture.Now, NotBefore = _fixture.Now.AddMinutes(3) } };

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Postpone(TimeSpan.FromMinutes(3)));

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        _fixture.Postpones.Should().Equal("not_before");
    }

    [Fact]
    public async Task A_process_that_does_not_know_the_runner_leaves_its_deadlines_for_a_while_to_one_that_does()
    {
        _fixture.Current = _fixture.Running() with { Runner = "another" };
        _fixture.Time.Advance(TimeSpan.FromHours(6));

        var early = await DeadlineAsync();
        var isLeft = _fixture.Saved.Count == 0;
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        var late = await DeadlineAsync();

        early.Kind.Should().Be(OutcomeKind.Postpone);
        early.Delay.Should().BePositive().And.BeLessThan(TimeSpan.FromSeconds(10));
        isLeft.Should().BeTrue();
        late.Should().Be(Outcome.Postpone(Grace), "nobody else came, and every build ends");
        _fixture.Current.CancelCause.Should().Be(BuildCancelCause.Deadline);
    }

    private Task<Outcome> DeadlineAsync() => _fixture.DeliverAsync<DeadlineHandler>();
}
