using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>A log that throws changes nothing: no answer, no save and no cancel is lost by it, and no step fails.</summary>
public sealed class BrokenLogTests : IAsyncDisposable
{
    private static readonly TimeSpan Settles = 2 * new BuildRunnerOptions().TriggerTimeout;

    private readonly HandlerFixture _fixture = new();

    public BrokenLogTests() => _fixture.Log.IsBroken = true;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task What_the_runner_answers_is_saved_although_saving_failed_at_first()
    {
        var tries = 0;
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(HandlerFixture.RemoteId);
        _fixture.IsAway = () => _fixture.Saved.Count == 1 && tries++ == 0;

        (await RunAsync<TriggerHandler>()).Should().Be(Outcome.Done);

        _fixture.Current!.RemoteId.Should().Be(HandlerFixture.RemoteId);
    }

    [Fact]
    public async Task What_could_not_be_saved_is_kept()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(_ =>
        {
            _fixture.IsAway = static () => true;
            return Task.FromResult(HandlerFixture.RemoteId);
        });
        await FluentActions.Awaiting(RunAsync<TriggerHandler>).Should().ThrowAsync<InvalidOperationException>();
        _fixture.IsAway = static () => false;

        await _fixture.Time.RunUntilAsync(_fixture.NextSaveAsync(), TimeSpan.FromMinutes(5));

        _fixture.Current!.RemoteId.Should().Be(HandlerFixture.RemoteId);
    }

    [Fact]
    public async Task What_nobody_needs_is_cancelled_and_named()
    {
        _fixture.Runner.CancelAsync(default).ReturnsForAnyArgs(Task.FromException(new BuildRunnerException("No.")));
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(_ =>
        {
            _fixture.Interferences.Enqueue(static build => build with { Status = BuildStatus.Failed });
            return Task.FromResult(HandlerFixture.RemoteId);
        });

        (await RunAsync<TriggerHandler>()).Should().Be(Outcome.Done);

        await _fixture.Runner.ReceivedWithAnyArgs(1).CancelAsync(default);
        _fixture.Current!.Note.Should().Contain($"'{HandlerFixture.RemoteId}'");
    }

    [Fact]
    public async Task A_rejection_ends_the_build_and_the_step()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs<Task<BuildId>>(static _ => throw new BuildRunnerException("No."));

        (await RunAsync<TriggerHandler>()).Should().Be(Outcome.Done);

        _fixture.Current!.Status.Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task A_trigger_whose_outcome_is_unknown_is_waited_for()
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs<Task<BuildId>>(static _ => throw new TriggerOutcomeUnknownException());

        var outcome = await RunAsync<TriggerHandler>();

        outcome.Kind.Should().Be(OutcomeKind.Postpone);
        outcome.Delay.Should().BeGreaterThanOrEqualTo(Settles);
    }

    [Fact]
    public async Task A_trigger_that_nobody_can_look_into_ends_the_build_and_the_step()
    {
        await using HandlerFixture fixture = new(Substitute.For<IBuildRunner>());
        fixture.Log.IsBroken = true;
        fixture.Current = fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = fixture.Now - Settles } };

        (await fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Done);

        fixture.Current.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Infra);
    }

    [Fact]
    public async Task A_poll_that_fails_or_that_the_setup_refuses_is_put_off()
    {
        _fixture.Current = _fixture.Running();
        Exception? exception = null;
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs<Task<BuildSnapshot>>(_ => throw exception!);
        foreach (var next in new Exception[] { new HttpRequestException(), new BuildRunnerConfigurationException("The token was refused.") })
        {
            exception = next;
            _fixture.Current = _fixture.Current with { Bookkeeping = new() };

            (await RunAsync<PollHandler>()).Should().Be(Outcome.Postpone(_fixture.Current.Bookkeeping.NotBefore!.Value - _fixture.Now));
        }
    }

    [Fact]
    public async Task Calls_that_are_answered_again_are_answers()
    {
        _fixture.Current = _fixture.Running();
        var isMended = false;
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(_ => isMended
            ? Task.FromResult(new BuildSnapshot { Status = BuildStatus.Succeeded })
            : throw new BuildRunnerConfigurationException("The token was refused."));
        await RunAsync<PollHandler>();
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        isMended = true;

        (await RunAsync<PollHandler>()).Should().Be(Outcome.Done);

        _fixture.Current.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_deadline_goes_through_all_of_its_steps()
    {
        _fixture.Current = _fixture.Running();
        Outcome outcome;
        do
        {
            var before = _fixture.Current;
            _fixture.Time.Advance(TimeSpan.FromHours(7));
            outcome = await RunAsync<DeadlineHandler>();
            _fixture.Current.Version.Should().BeGreaterThan(before.Version);
        }
        while (outcome.Kind == OutcomeKind.Postpone);

        outcome.Should().Be(Outcome.Done);
        _fixture.Current.Status.Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task A_dead_letter_cancels_and_ends_its_build()
    {
        _fixture.Current = _fixture.Running();
        _fixture.Runner.CancelAsync(default).ReturnsForAnyArgs(Task.FromException(new BuildRunnerException("No.")));

        (await _fixture.DeliverAsync<DeadLetterHandler>()).Should().Be(Outcome.Done);

        await _fixture.Runner.ReceivedWithAnyArgs(1).CancelAsync(default);
        _fixture.Current.Status.Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task A_change_that_is_outlived_and_a_message_of_somebody_else_are_done()
    {
        await using HandlerFixture fixture = new(configure: static stage => stage.IgnoreChanges());
        fixture.Log.IsBroken = true;
        fixture.Current = null;

        (await fixture.DeliverAsync<ChangeHandler>()).Should().Be(Outcome.Done);
        (await fixture.DeliverAsync<TriggerHandler>(suffix: "-no-id")).Should().Be(Outcome.Done);
    }

    [Fact]
    public async Task A_signal_for_a_build_that_is_not_known_is_refused()
    {
        _fixture.Store.ReadAsync(Arg.Any<string>(), Arg.Any<BuildId>(), Arg.Any<CancellationToken>()).Returns(new BuildReading { Now = _fixture.Now });

        (await _fixture.Services.GetRequiredService<IBuildOrchestrator>().SignalAsync("ci", HandlerFixture.RemoteId)).Should().BeFalse();
    }

    [Fact]
    public async Task Builds_that_ended_long_ago_are_deleted_in_each_round()
    {
        var rounds = 0;
        TaskCompletionSource third = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Store.DeleteEndedAsync(default, default, default).ReturnsForAnyArgs(_ =>
        {
            if (++rounds == 3)
            {
                third.SetResult();
            }

            return rounds == 1 ? 1 : throw new InvalidOperationException("The database is away.");
        });
        using var retention = ActivatorUtilities.CreateInstance<BuildRetention>(_fixture.Services);

        await retention.StartAsync(CancellationToken.None);
        while (!third.Task.IsCompleted && !retention.ExecuteTask!.IsCompleted)
        {
            _fixture.Time.Advance(TimeSpan.FromHours(1));
            await Task.Yield();
        }

        third.Task.IsCompleted.Should().BeTrue();
        await retention.StopAsync(CancellationToken.None);
    }

    private async Task<Outcome> RunAsync<THandler>()
        where THandler : IMessageHandler
    {
        var handling = _fixture.DeliverAsync<THandler>();
        await _fixture.Time.RunUntilAsync(handling, TimeSpan.FromSeconds(10));
        return await handling;
    }
}
