using BuildRunner.Queue;
using Microsoft.Extensions.Logging;
using NSubstitute.ExceptionExtensions;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>How builds end whose message became a dead letter.</summary>
public sealed class DeadLetterHandlerTests : IAsyncDisposable
{
    private static readonly DeadLetterCause Cause =
        new() { Failure = new("The disk is full."), Attempts = 5, Topic = "buildsignal.ci" };

    private static readonly DeadLetterCause CauseOfTrigger = Cause with { Topic = "build.ci" };

    private readonly HandlerFixture _fixture = new(configure: static stage => stage.Services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Debug)));

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_dead_letter_ends_the_build_with_its_reason()
    {
        _fixture.Current = _fixture.Running();

        (await DeadLetterAsync()).Should().Be(Outcome.Done);

        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        _fixture.Current.Should().Match<Build>(build => build.Status == BuildStatus.Failed && build.CancelCause == BuildCancelCause.DeadLetter);
        _fixture.Current.Note.Should().Contain("The disk is full.");
    }

    [Theory]
    [InlineData(BuildStatus.Succeeded, BuildCancelCause.None)]
    [InlineData(BuildStatus.Failed, BuildCancelCause.None)]
    [InlineData(BuildStatus.Cancelled, BuildCancelCause.Caller)]
    [InlineData(BuildStatus.Cancelled, BuildCancelCause.None)]
    public async Task A_dead_letter_ends_the_build_as_its_runner_has_ended_it(BuildStatus status, BuildCancelCause cause)
    {
        _fixture.Current = _fixture.Running() with { CancelCause = cause };
        _fixture.Runner.StatusAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>()).Returns(new BuildSnapshot { Status = status });

        (await DeadLetterAsync()).Should().Be(Outcome.Done);

        _fixture.Current.Should().Match<Build>(build => build.Status == status && build.CancelCause == cause && build.Note == null);
        await _fixture.Runner.DidNotReceiveWithAnyArgs().CancelAsync(default);
    }

    [Fact]
    public async Task A_dead_letter_about_a_build_that_the_infrastructure_has_failed_tries_it_again_and_has_nothing_to_do_then()
    {
        _fixture.Current = _fixture.Running() with { Policy = new() { Retry = new() { MaxAttempts = 2 } } };
        BuildSnapshot failed = new() { Status = BuildStatus.Failed, Metadata = [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Infra)] };
        _fixture.Runner.StatusAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>()).Returns(failed);

        (await DeadLetterAsync()).Should().Be(Outcome.Done);
        var next = _fixture.Current;
        (await DeadLetterAsync()).Should().Be(Outcome.Done, "it is delivered once more if its process dies before it is settled");

        next.Should().Match<Build>(build => build.Attempt == 2 && build.RemoteId == null && build.CancelCause == BuildCancelCause.None);
        _fixture.Current.Should().Be(next);
        await _fixture.Runner.ReceivedWithAnyArgs(1).StatusAsync(default);
    }

    [Fact]
    public async Task A_dead_letter_about_a_build_that_its_ci_has_cancelled_tries_it_again_at_once()
    {
        _fixture.Current = _fixture.Running() with { Policy = new() { Retry = new() { MaxAttempts = 2, Kinds = RetryKinds.Cancelled } } };
        _fixture.Runner.StatusAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>()).Returns(new BuildSnapshot { Status = BuildStatus.Cancelled });

        (await DeadLetterAsync()).Should().Be(Outcome.Done);

        _fixture.Current.Should().Match<Build>(build => build.Attempt == 2 && build.CancelCause == BuildCancelCause.None);
    }

    [Fact]
    public async Task A_dead_letter_does_not_wait_for_its_question_while_the_runner_may_not_be_read_but_cancelled()
    {
        _fixture.Current = _fixture.Running();
        var limit = new BuildRunnerException { IsTransient = true, RetryAfter = TimeSpan.FromMinutes(30) };
        _fixture.Services.GetRequiredService<RunnerClients>().Get("ci").Turns.Note(_fixture.Current.Id, isWrite: false, limit, _fixture.Time.GetTimestamp());

        (await DeadLetterAsync()).Should().Be(Outcome.Done);

        _fixture.Current.Status.Should().Be(BuildStatus.Failed);
        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        await _fixture.Runner.DidNotReceiveWithAnyArgs().StatusAsync(default);
        _fixture.Log.Entries.Should().ContainSingle(static entry => entry.Level == LogLevel.Debug && entry.Text.Contains("was not asked"));
    }

    [Fact]
    public async Task A_question_of_a_dead_letter_that_fails_is_logged()
    {
        _fixture.Current = _fixture.Running();
        _fixture.Runner.StatusAsync(default).ThrowsAsyncForAnyArgs(new NotSupportedException("No status."));

        await DeadLetterAsync();

        _fixture.Log.Entries.Should().ContainSingle(static entry => entry.Level == LogLevel.Debug && entry.Text.Contains("was not asked"));
    }

    [Theory]
    [InlineData(BuildStatus.Running)]
    [InlineData(null)]
    public async Task A_dead_letter_ends_the_build_whose_runner_says_nothing_of_an_end(BuildStatus? status)
    {
        _fixture.Current = _fixture.Running();
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(_ => status is { } answer ? Task.FromResult(new BuildSnapshot { Status = answer }) : Task.FromException<BuildSnapshot>(new BuildRunnerException { IsTransient = true }));

        (await DeadLetterAsync()).Should().Be(Outcome.Done);

        _fixture.Current.Should().Match<Build>(build => build.Status == BuildStatus.Failed && build.CancelCause == BuildCancelCause.DeadLetter);
        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        await _fixture.Runner.ReceivedWithAnyArgs(1).StatusAsync(default);
    }

    [Fact]
    public async Task A_dead_letter_without_a_cause_ends_the_build_too()
    {
        _fixture.Current = _fixture.NewBuild();

        (await _fixture.DeliverAsync<DeadLetterHandler>()).Should().Be(Outcome.Done);

        _fixture.Current!.Status.Should().Be(BuildStatus.Failed);
        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task A_dead_letter_looks_up_what_the_runner_may_have_created()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } };
        var early = await DeadLetterAsync(CauseOfTrigger);
        _fixture.Time.Advance(early.Delay);
        _fixture.Finder.FindAsync(_fixture.Current.Request.TriggerKey!, Arg.Any<CancellationToken>()).Returns(HandlerFixture.RemoteId);

        (await DeadLetterAsync(CauseOfTrigger)).Should().Be(Outcome.Done);

        early.Should().Be(Outcome.Postpone(2 * new BuildRunnerOptions().TriggerTimeout));
        _fixture.Current.RemoteId.Should().Be(HandlerFixture.RemoteId);
        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_dead_letter_is_looked_up_again_whatever_the_runner_throws()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now.AddHours(-1) } };
        _fixture.Finder.FindAsync(null!, default).ThrowsForAnyArgs(new NotSupportedException());

        (await DeadLetterAsync(CauseOfTrigger)).Kind.Should().Be(OutcomeKind.Postpone);

        _fixture.Current.Should().Match<Build>(build => build.Status == BuildStatus.Accepted && build.Bookkeeping.ErrorsInARow == 1);
    }

    [Fact]
    public async Task A_dead_letter_does_not_undercut_the_time_that_the_runner_has_asked_for()
    {
        _fixture.Current = _fixture.Running() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now, NotBefore = _fixture.Now.AddMinutes(3) } };

        (await DeadLetterAsync()).Should().Be(Outcome.Postpone(TimeSpan.FromMinutes(3)));

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        _fixture.Postpones.Should().Equal("not_before");
    }

    [Fact]
    public async Task A_dead_letter_about_which_the_runner_is_not_called_ends_its_build_at_once()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { NotBefore = _fixture.Now.AddMinutes(3) } };

        (await DeadLetterAsync(CauseOfTrigger)).Should().Be(Outcome.Done);

        _fixture.Current.Status.Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task A_dead_letter_that_waits_for_a_trigger_is_counted_as_put_off()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } };

        await DeadLetterAsync(CauseOfTrigger);

        _fixture.Postpones.Should().Equal("unsettled_trigger");
    }

    [Fact]
    public async Task A_dead_letter_is_decided_anew_where_somebody_else_has_ended_the_build()
    {
        _fixture.Current = _fixture.Running();
        _fixture.Interferences.Enqueue(build => build with { Status = BuildStatus.Succeeded });

        (await DeadLetterAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Status.Should().Be(BuildStatus.Succeeded);
    }

    private Task<Outcome> DeadLetterAsync(DeadLetterCause? cause = null) => _fixture.DeliverAsync<DeadLetterHandler>(cause: cause ?? Cause);
}
