using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>A runner's answer to a trigger while the store is unavailable.</summary>
public sealed class UnsavedAnswerTests : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(20);

    private readonly HandlerFixture _fixture = new();

    private TriggerAnswers Answers => _fixture.Services.GetRequiredService<TriggerAnswers>();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task It_is_saved_while_the_delivery_is_still_held_if_the_store_comes_back_in_time()
    {
        var end = _fixture.Now + Outage;
        Answer(() => _fixture.IsAway = () => _fixture.Now < end);

        (await RunAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.RemoteId.Should().Be(HandlerFixture.RemoteId);
        (_fixture.Now - end).Should().BeLessThan(LongestPause);
        await _fixture.Runner.ReceivedWithAnyArgs(1).TriggerAsync(null!, default);
    }

    [Fact]
    public async Task A_refusal_is_saved_while_the_delivery_is_still_held_too()
    {
        var end = _fixture.Now + Outage;
        Refuse(() => _fixture.IsAway = () => _fixture.Now < end);

        (await RunAsync()).Should().Be(Outcome.Done);

        _fixture.Current!.Note.Should().Contain("No.");
    }

    [Fact]
    public async Task It_is_kept_for_the_next_delivery_if_the_store_stays_away()
    {
        Answer(() => _fixture.IsAway = static () => true);
        await FluentActions.Awaiting(RunAsync).Should().ThrowAsync<InvalidOperationException>();
        await FluentActions.Awaiting(RunAsync).Should().ThrowAsync<InvalidOperationException>();
        _fixture.IsAway = static () => false;

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Done);

        _fixture.Current!.RemoteId.Should().Be(HandlerFixture.RemoteId);
        await _fixture.Runner.ReceivedWithAnyArgs(1).TriggerAsync(null!, default);
        await _fixture.Finder.DidNotReceiveWithAnyArgs().FindAsync(null!, default);
    }

    [Fact]
    public async Task A_refusal_is_kept_for_the_next_delivery_too()
    {
        Refuse(() => _fixture.IsAway = static () => true);
        await FluentActions.Awaiting(RunAsync).Should().ThrowAsync<InvalidOperationException>();
        _fixture.IsAway = static () => false;

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Done);

        _fixture.Current!.Note.Should().Contain("No.");
    }

    [Fact]
    public async Task It_is_saved_without_another_delivery_when_the_store_comes_back_because_the_next_may_be_in_another_process()
    {
        Answer(() => _fixture.IsAway = static () => true);
        await FluentActions.Awaiting(RunAsync).Should().ThrowAsync<InvalidOperationException>();
        _fixture.IsAway = static () => false;

        await _fixture.Time.RunUntilAsync(_fixture.NextSaveAsync(), TimeSpan.FromMinutes(5));

        _fixture.Current!.RemoteId.Should().Be(HandlerFixture.RemoteId);
    }

    [Fact]
    public async Task It_is_cancelled_and_named_where_another_process_has_ended_the_build_meanwhile()
    {
        Answer(() => _fixture.IsAway = static () => true);
        await FluentActions.Awaiting(RunAsync).Should().ThrowAsync<InvalidOperationException>();
        _fixture.Current = _fixture.Current! with { Status = BuildStatus.Failed, Version = _fixture.Current.Version + 1 };
        _fixture.IsAway = static () => false;

        await _fixture.Time.RunUntilAsync(_fixture.NextSaveAsync(), TimeSpan.FromMinutes(5));

        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        _fixture.Current.Note.Should().Contain(HandlerFixture.RemoteId.Value);
    }

    [Fact]
    public async Task A_host_that_has_stopped_everything_else_waits_for_the_answer_to_a_trigger_and_saves_it()
    {
        TaskCompletionSource<BuildId> answer = new();
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(answer.Task);
        var handling = _fixture.DeliverAsync<TriggerHandler>();

        var stopped = StoppedAsync();
        stopped.IsCompleted.Should().BeFalse("nobody else would know of the answer");
        answer.SetResult(HandlerFixture.RemoteId);
        await stopped;

        handling.IsCompleted.Should().BeTrue();
        _fixture.Current!.RemoteId.Should().Be(HandlerFixture.RemoteId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_came_late_and_is_being_saved_is_waited_for_too_and_logged_as_lost_where_that_takes_too_long(bool isInTime)
    {
        TaskCompletionSource save = new();
        using CancellationTokenSource end = new();
        _fixture.BeforeSave = _ => save.Task;
        _ = Answers.SaveAsync(_fixture.Answer(HandlerFixture.RemoteId));

        var stopped = StoppedAsync(end.Token);
        var isWaitedFor = !stopped.IsCompleted;
        if (isInTime)
        {
            save.SetResult();
        }
        else
        {
            await end.CancelAsync();
        }

        await stopped;
        isWaitedFor.Should().BeTrue();
        _fixture.Log.Entries.Count(static entry => entry.Text.Contains("is lost", StringComparison.Ordinal)).Should().Be(isInTime ? 0 : 1);
    }

    [Fact]
    public async Task An_answer_that_comes_late_while_the_host_waits_for_another_is_not_lost_unseen()
    {
        TaskCompletionSource first = new();
        using CancellationTokenSource end = new();
        _fixture.BeforeSave = build => build.RemoteId == HandlerFixture.RemoteId ? first.Task : new TaskCompletionSource().Task;
        _ = Answers.SaveAsync(_fixture.Answer(HandlerFixture.RemoteId));
        var stopped = StoppedAsync(end.Token);
        _ = Answers.SaveAsync(_fixture.Answer(new BuildId("second")));

        first.SetResult();
        await end.CancelAsync();
        await stopped;

        _fixture.Log.Entries.Should().ContainSingle(static entry => entry.Text.Contains("is lost", StringComparison.Ordinal)).Which.Text.Should().Contain("second");
    }

    [Fact]
    public async Task An_answer_that_comes_late_while_the_host_waits_for_another_has_its_half_minute()
    {
        var back = _fixture.Now + Outage;
        TaskCompletionSource first = new();
        _fixture.BeforeSave = build => build is { Note: null } && build.RemoteId == HandlerFixture.RemoteId
            ? first.Task
            : _fixture.Now < back ? throw new InvalidOperationException("The database is away.") : Task.CompletedTask;
        _ = Answers.SaveAsync(_fixture.Answer(HandlerFixture.RemoteId));
        var stopped = StoppedAsync();
        var late = Answers.SaveAsync(_fixture.Answer(new BuildId("second")));

        first.SetResult();
        await _fixture.Time.RunUntilAsync(stopped, LongestPause);

        (await late).Should().Be(Outcome.Done);
        _fixture.Saved.Should().HaveCount(2, "nobody saves what is being saved");
        _fixture.Log.Entries.Should().NotContain(static entry => entry.Text.Contains("is lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_that_was_saved_without_an_answer_is_over_when_the_runner_may_be_asked_again()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs<Task<BuildId>>(static _ => throw new BuildRunnerException { IsTransient = true });
        var losses = 1;
        _fixture.IsLost = build => build is { Bookkeeping.TriggerAttemptedAt: null, Bookkeeping.ErrorsInARow: 1 } && losses-- > 0;

        var outcome = await RunAsync();

        outcome.Should().Be(Outcome.Postpone(_fixture.Current!.Bookkeeping.NotBefore!.Value - _fixture.Now));
        losses.Should().BeLessThanOrEqualTo(0);
    }

    [Fact]
    public async Task A_host_that_must_end_waits_for_no_answer()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(new TaskCompletionSource<BuildId>().Task);
        _ = _fixture.DeliverAsync<TriggerHandler>();
        using CancellationTokenSource end = new();

        var stopped = StoppedAsync(end.Token);
        await end.CancelAsync();

        await stopped.Awaiting(static task => task).Should().NotThrowAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_kept_is_tried_once_more_when_the_host_has_stopped_and_is_logged_as_lost_where_that_fails(bool isBack)
    {
        Answer(() => _fixture.IsAway = static () => true);
        await FluentActions.Awaiting(RunAsync).Should().ThrowAsync<InvalidOperationException>();
        _fixture.IsAway = () => !isBack;

        await StoppedAsync();

        _fixture.Current!.RemoteId.Should().Be(isBack ? HandlerFixture.RemoteId : null);
        _fixture.Log.Entries.Count(static entry => entry.Text.Contains("is lost", StringComparison.Ordinal)).Should().Be(isBack ? 0 : 1);
    }

    [Fact]
    public async Task A_build_that_is_not_needed_is_cancelled_once_however_often_it_is_tried_to_save_that()
    {
        Answer(() => _fixture.IsAway = static () => true);
        await FluentActions.Awaiting(RunAsync).Should().ThrowAsync<InvalidOperationException>();
        _fixture.Current = _fixture.Current! with { Status = BuildStatus.Failed, Version = _fixture.Current.Version + 1 };
        _fixture.IsAway = static () => false;
        _fixture.Interferences.Enqueue(static build => build with { Version = build.Version + 1 });

        await _fixture.Time.RunUntilAsync(_fixture.NextSaveAsync(), TimeSpan.FromMinutes(5));

        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_build_that_is_not_needed_is_cancelled_once_although_the_store_is_away_when_that_is_noted()
    {
        var failures = 3;
        _fixture.Current = _fixture.Current! with { Status = BuildStatus.Failed };
        _fixture.IsAway = () => failures-- > 0;
        var saving = Answers.SaveAsync(_fixture.Answer(HandlerFixture.RemoteId));

        await _fixture.Time.RunUntilAsync(saving, LongestPause);

        (await saving).Should().Be(Outcome.Done);
        await _fixture.Runner.Received(1).CancelAsync(HandlerFixture.RemoteId, Arg.Any<CancellationToken>());
        _fixture.Current.Note.Should().Contain(HandlerFixture.RemoteId.Value);
    }

    [Fact]
    public async Task Two_answers_about_one_build_do_not_displace_one_another()
    {
        var id = _fixture.Current!.Id;
        _fixture.IsAway = static () => true;
        foreach (var remoteId in new[] { HandlerFixture.RemoteId, new BuildId("second") })
        {
            var saving = Answers.SaveAsync(_fixture.Answer(remoteId));
            await _fixture.Time.RunUntilAsync(saving, LongestPause);
            await saving.Invoking(task => task).Should().ThrowAsync<InvalidOperationException>();
        }

        _fixture.IsAway = static () => false;
        await Answers.SaveAllAsync(new Delivery { Message = new Message { PartitionKey = id.ToString(), Id = id.ToString() }, Topic = "build.ci", DueAt = _fixture.Now });

        string[] told = [$"'{_fixture.Current!.RemoteId}'", .. _fixture.Current.Note!.Split(' ').Select(static word => word.TrimEnd(','))];
        told.Should().Contain(["'remote-1'", "'second'"]);
    }

    private Task StoppedAsync(CancellationToken cancellationToken = default) =>
        ActivatorUtilities.CreateInstance<OrchestrationHostedService>(_fixture.Services).StoppedAsync(cancellationToken);

    private async Task<Outcome> RunAsync()
    {
        var handling = _fixture.DeliverAsync<TriggerHandler>();
        await _fixture.Time.RunUntilAsync(handling, LongestPause);
        return await handling;
    }

    private void Answer(Action before) => _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(_ =>
    {
        before();
        return Task.FromResult(HandlerFixture.RemoteId);
    });

    private void Refuse(Action before) => _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs<Task<BuildId>>(_ =>
    {
        before();
        throw new BuildRunnerException("No.");
    });
}
