using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>The statements of each step. Each is a round trip that every build pays for.</summary>
public sealed class StatementTests : IAsyncDisposable
{
    private const string Read = nameof(IBuildStore.ReadAsync);
    private const string Save = nameof(IBuildStore.TryUpdateAsync);

    private readonly HandlerFixture _fixture = new();

    private IEnumerable<string> Statements => _fixture.Store.ReceivedCalls().Select(static call => call.GetMethodInfo().Name);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_trigger_costs_one_read_and_two_saves()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(HandlerFixture.RemoteId);

        await _fixture.DeliverAsync<TriggerHandler>();

        Statements.Should().Equal(Read, Save, Save);
        _fixture.Current!.RemoteId.Should().Be(HandlerFixture.RemoteId);
    }

    [Fact]
    public async Task A_trigger_that_is_refused_costs_one_read_and_two_saves()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs<Task<BuildId>>(static _ => throw new BuildRunnerException { IsTransient = true });

        await _fixture.DeliverAsync<TriggerHandler>();

        Statements.Should().Equal(Read, Save, Save);
    }

    [Fact]
    public async Task The_build_is_read_again_only_if_somebody_else_has_changed_it()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(_ =>
        {
            _fixture.Interferences.Enqueue(static build => build with { CancelCause = BuildCancelCause.Caller });
            return Task.FromResult(HandlerFixture.RemoteId);
        });

        await _fixture.DeliverAsync<TriggerHandler>();

        Statements.Should().Equal(Read, Save, Save, Read, Save);
        _fixture.Current.Should().Match<Build>(static build => build.RemoteId == HandlerFixture.RemoteId && build.CancelCause == BuildCancelCause.Caller);
    }

    [Theory]
    [InlineData(false, new[] { "buildsignal.ci", "buildchange" })]
    [InlineData(true, new[] { "buildsignal.ci", "buildchange", "builddeadline" })]
    public async Task A_build_with_more_limits_than_its_deadline_publishes_one_message_more_and_saves_as_often(bool isLimited, string[] expected)
    {
        _fixture.Current = _fixture.NewBuild() with { Policy = isLimited ? new() { PendingTimeout = TimeSpan.FromMinutes(1) } : BuildPolicy.None };
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(HandlerFixture.RemoteId);

        await _fixture.DeliverAsync<TriggerHandler>();

        Statements.Should().Equal(Read, Save, Save);
        _fixture.Saved[1].OutgoingMessages.Select(static message => message.Topic).Should().Equal(expected);
    }

    [Fact]
    public async Task An_end_costs_no_more_where_the_build_is_not_tried_again()
    {
        _fixture.Current = _fixture.Running() with { Policy = new() { Retry = new() { MaxAttempts = 3 } } };
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Failed });

        await _fixture.DeliverAsync<PollHandler>();

        Statements.Should().Equal(Read, Save);
    }

    [Theory]
    [InlineData(BuildStatus.Running, new[] { Read })]
    [InlineData(BuildStatus.Succeeded, new[] { Read, Save })]
    public async Task A_poll_costs_one_read_and_a_save_if_there_is_something_new(BuildStatus status, string[] expected)
    {
        _fixture.Current = _fixture.Running();
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = status });

        await _fixture.DeliverAsync<PollHandler>();

        Statements.Should().Equal(expected);
    }

    [Fact]
    public async Task A_mark_has_the_time_of_its_save_although_the_build_was_read_before()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now.AddHours(-1) } };
        var read = _fixture.Now;
        _fixture.Finder.FindAsync(null!, default).ReturnsForAnyArgs(_ =>
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(20));
            return Task.FromResult<BuildId?>(null);
        });
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(HandlerFixture.RemoteId);

        await _fixture.DeliverAsync<TriggerHandler>();

        _fixture.Saved[0].Build.Bookkeeping.TriggerAttemptedAt.Should().Be(read.AddSeconds(20));
        Statements.Should().Equal(Read, Save, Save);
    }

    [Fact]
    public async Task A_read_that_took_too_long_is_followed_by_no_call_because_the_time_that_it_has_read_may_be_that_old()
    {
        _fixture.Store.ReadAsync(Arg.Any<Guid>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            BuildReading reading = new() { Build = _fixture.Current, Now = _fixture.Now };
            _fixture.Time.Advance(TimeSpan.FromSeconds(30));
            return reading;
        });

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Postpone(TimeSpan.Zero));

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        _fixture.Current!.Bookkeeping.TriggerAttemptedAt.Should().BeNull();
    }

    [Fact]
    public async Task A_cancel_costs_one_read_and_one_save()
    {
        await _fixture.Services.GetRequiredService<IBuildOrchestrator>().CancelAsync(_fixture.Current!.Id);

        Statements.Should().Equal(Read, Save);
    }

    [Fact]
    public async Task A_limited_build_costs_one_read_and_one_save_to_join_the_line_and_as_much_as_others_once_it_was_let_in()
    {
        await using HandlerFixture fixture = new(configureRunner: static options => options.MaxInFlight = 1);
        fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(HandlerFixture.RemoteId);

        await fixture.DeliverAsync<TriggerHandler>();
        Names().Should().Equal(Read, Save);
        fixture.Current!.Bookkeeping.Line.Should().NotBeNull();

        fixture.Current = fixture.Current.LetIn(fixture.Now);
        fixture.Store.ClearReceivedCalls();
        await fixture.DeliverAsync<TriggerHandler>();
        Names().Should().Equal(Read, Save, Save);

        IEnumerable<string> Names() => fixture.Store.ReceivedCalls().Select(static call => call.GetMethodInfo().Name);
    }

    [Fact]
    public async Task Only_a_runner_that_was_held_when_last_seen_costs_a_read_more()
    {
        _fixture.Documents[DocumentNames.OfRunner("ci")] = (RunnerControl.None with { HeldSince = _fixture.Now }).Write("ci", before: null);
        await _fixture.Services.GetRequiredService<RunnerControls>().GetAsync("ci", CancellationToken.None);
        _fixture.Store.ClearReceivedCalls();

        await _fixture.DeliverAsync<TriggerHandler>();

        Statements.Should().Equal(Read, nameof(IBuildStore.ReadDocumentsAsync), Save);
        _fixture.Current!.Bookkeeping.Line.Should().NotBeNull();
    }
}
