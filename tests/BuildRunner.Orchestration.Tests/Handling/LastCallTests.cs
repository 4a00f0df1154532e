using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>After its grace, a build is polled once more before it is ended, because no process may have been running.</summary>
public sealed class LastCallTests : IAsyncDisposable
{
    private static readonly BuildRunnerOptions Options = new();

    private readonly HandlerFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(true, "buildsignal.ci")]
    [InlineData(false, "build.ci")]
    public async Task When_the_grace_is_over_the_runner_is_asked_once_more_and_not_by_the_deadline_itself(bool isKnown, string topic)
    {
        _fixture.Current = AfterGrace(isKnown ? _fixture.Running() : _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } });

        var outcome = await DeadlineAsync();

        outcome.Kind.Should().Be(OutcomeKind.Postpone);
        _fixture.Current.Should().Match<Build>(build => !build.Status.IsTerminal() && build.Bookkeeping.LastCallEndsAt == _fixture.Now + outcome.Delay);
        _fixture.Saved.Should().ContainSingle().Which.OutgoingMessages.Should().ContainSingle().Which.Topic.Should().Be(topic);
        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task The_end_is_put_off_by_the_time_of_the_calls_and_of_a_turn()
    {
        _fixture.Current = AfterGrace(_fixture.Running());

        (await DeadlineAsync()).Delay.Should().BeGreaterThan(2 * Options.CallTimeout).And.BeLessThan(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_turn_is_no_longer_than_the_grace()
    {
        await using HandlerFixture fixture = new(configureRunner: static options => (options.TriggerTimeout, options.Grace, options.CallTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1)));
        fixture.Current = fixture.Running() with { CancelCause = BuildCancelCause.Deadline, Bookkeeping = new() { TriggerAttemptedAt = fixture.Now, GraceEndsAt = fixture.Now } };

        (await fixture.DeliverAsync<DeadlineHandler>()).Should().Be(Outcome.Postpone(TimeSpan.FromSeconds(5)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(60 * 24, 5)]
    public async Task A_pause_that_the_runner_has_asked_for_is_waited_for_and_not_for_ever(int minutes, int expected)
    {
        _fixture.Current = AfterGrace(_fixture.Running());
        var plain = (await DeadlineAsync()).Delay;
        var build = AfterGrace(_fixture.Running());
        _fixture.Current = build with { Bookkeeping = build.Bookkeeping with { NotBefore = _fixture.Now.AddMinutes(minutes) } };

        (await DeadlineAsync()).Delay.Should().Be(plain + TimeSpan.FromMinutes(expected));
    }

    [Fact]
    public async Task It_is_asked_once()
    {
        _fixture.Current = AfterGrace(_fixture.Running());
        _fixture.Time.Advance((await DeadlineAsync()).Delay);

        (await DeadlineAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Timeout);
    }

    [Fact]
    public async Task Before_the_last_call_is_over_the_deadline_waits_for_it()
    {
        _fixture.Current = AfterGrace(_fixture.Running());
        var first = await DeadlineAsync();
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));

        (await DeadlineAsync()).Should().Be(Outcome.Postpone(first.Delay - TimeSpan.FromSeconds(1)));

        _fixture.Saved.Should().ContainSingle();
    }

    [Fact]
    public async Task A_build_that_was_never_triggered_is_judged_at_once()
    {
        _fixture.Current = AfterGrace(_fixture.NewBuild());

        (await DeadlineAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Status.Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task What_the_runner_says_then_is_how_the_build_ends()
    {
        _fixture.Current = AfterGrace(_fixture.Running());
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Succeeded });
        var outcome = await DeadlineAsync();

        await _fixture.DeliverAsync<PollHandler>();
        _fixture.Time.Advance(outcome.Delay);

        (await DeadlineAsync()).Should().Be(Outcome.Done);
        _fixture.Current!.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_build_that_has_ended_in_its_last_call_is_not_cancelled_again(bool isKnown)
    {
        var build = AfterGrace(isKnown ? _fixture.Running() : _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } });
        _fixture.Current = build with { Status = BuildStatus.Failed, EndedAt = _fixture.Now.AddMinutes(1), Bookkeeping = build.Bookkeeping with { LastCallEndsAt = _fixture.Now.AddMinutes(2) } };

        (await (isKnown ? _fixture.DeliverAsync<PollHandler>() : _fixture.DeliverAsync<TriggerHandler>())).Should().Be(Outcome.Done);

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        _fixture.Finder.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task It_is_decided_anew_where_somebody_else_has_changed_the_build()
    {
        _fixture.Current = AfterGrace(_fixture.Running());
        _fixture.Interferences.Enqueue(build => build with { Status = BuildStatus.Succeeded });

        (await DeadlineAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Bookkeeping.LastCallEndsAt.Should().BeNull();
    }

    private Build AfterGrace(Build build) => build with { CancelCause = BuildCancelCause.Deadline, Bookkeeping = build.Bookkeeping with { GraceEndsAt = _fixture.Now } };

    private Task<Outcome> DeadlineAsync() => _fixture.DeliverAsync<DeadlineHandler>();
}
