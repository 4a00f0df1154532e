using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>What is known of an attempt says nothing of the next.</summary>
public sealed class OldAttemptTests : IAsyncDisposable
{
    private static readonly BuildId Other = new("remote-2");

    private readonly HandlerFixture _fixture = new();

    private TriggerAnswers Answers => _fixture.Services.GetRequiredService<TriggerAnswers>();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_build_that_was_created_for_an_earlier_attempt_is_cancelled_and_named()
    {
        _fixture.Current = Marked();
        var answer = _fixture.Answer(Other);
        _fixture.Current = Next(_fixture.Current);

        await Answers.SaveAsync(answer);

        _fixture.Current.RemoteId.Should().BeNull();
        _fixture.Current.Note.Should().Contain("'remote-2', which was cancelled");
        await _fixture.Runner.Received(1).CancelAsync(Other, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_build_that_was_created_for_an_earlier_mark_of_the_same_attempt_is_adopted()
    {
        _fixture.Current = Marked();
        var answer = _fixture.Answer(Other);
        _fixture.Current = _fixture.Current.Marked(_fixture.Now.AddMinutes(1)) with { Version = 3 };

        await Answers.SaveAsync(answer);

        _fixture.Current.RemoteId.Should().Be(Other);
        await _fixture.Runner.DidNotReceiveWithAnyArgs().CancelAsync(default, default);
    }

    [Fact]
    public async Task A_rejection_of_an_earlier_attempt_does_not_end_the_next()
    {
        _fixture.Current = Marked();
        TriggerAnswer answer = new(
            new BuildReading { Build = _fixture.Current, Now = _fixture.Now },
            _fixture.Services.GetRequiredService<RunnerClients>().Get("ci"),
            rejection: new BuildRunnerException("No.") { IsTransient = false });
        _fixture.Current = Next(_fixture.Current).Marked(_fixture.Now);

        await Answers.SaveAsync(answer);

        _fixture.Current.Status.Should().Be(BuildStatus.Accepted);
        _fixture.Current.Bookkeeping.TriggerAttemptedAt.Should().Be(_fixture.Now);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_poll_of_an_earlier_attempt_changes_nothing_of_the_next(bool isTriggered)
    {
        _fixture.Current = _fixture.Running();
        var next = Next(_fixture.Current) with { RemoteId = isTriggered ? Other : null };
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(_ =>
        {
            _fixture.Current = next;
            return new BuildSnapshot { Status = BuildStatus.Succeeded };
        });

        var outcome = await _fixture.DeliverAsync<PollHandler>();

        outcome.Should().Be(Outcome.Done);
        _fixture.Current.Should().Be(next);
    }

    [Fact]
    public async Task An_error_of_an_earlier_attempt_is_not_counted_for_the_next()
    {
        _fixture.Current = _fixture.Running();
        var next = Next(_fixture.Current) with { RemoteId = Other };
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs<Task<BuildSnapshot>>(_ =>
        {
            _fixture.Current = next;
            throw new BuildRunnerException { IsTransient = true };
        });

        (await _fixture.DeliverAsync<PollHandler>()).Should().Be(Outcome.Done);

        _fixture.Current.Should().Be(next);
    }

    [Fact]
    public async Task A_look_up_of_an_earlier_attempt_that_fails_is_not_counted_for_the_next()
    {
        _fixture.Current = _fixture.NewBuild().Marked(_fixture.Now.AddHours(-1)) with { Version = 2 };
        var next = Next(_fixture.Current);
        _fixture.Finder.FindAsync(null!, default).ReturnsForAnyArgs<Task<BuildId?>>(_ =>
        {
            _fixture.Current = next;
            throw new BuildRunnerException { IsTransient = true };
        });

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Done);

        _fixture.Current.Should().Be(next);
    }

    [Fact]
    public async Task A_message_of_an_earlier_attempt_triggers_nothing()
    {
        _fixture.Current = Next(_fixture.NewBuild()) with { Bookkeeping = new() };

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Done);

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        await _fixture.DeliverAsync<TriggerHandler>(suffix: "/2");
        await _fixture.Runner.ReceivedWithAnyArgs(1).TriggerAsync(null!);
    }

    [Fact]
    public async Task A_message_of_an_earlier_attempt_polls_nothing()
    {
        _fixture.Current = _fixture.Running() with { Attempt = 2 };

        (await _fixture.DeliverAsync<PollHandler>()).Should().Be(Outcome.Done);

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        (await _fixture.DeliverAsync<PollHandler>(suffix: "/2")).Kind.Should().Be(OutcomeKind.Postpone);
    }

    private Build Marked() => _fixture.NewBuild().Marked(_fixture.Now) with { Version = 2 };

    private Build Next(Build build) =>
        build.NextAttempt(RetryKinds.Infra, _fixture.Now.AddMinutes(1), TimeSpan.Zero) with { Version = build.Version + 1 };
}
