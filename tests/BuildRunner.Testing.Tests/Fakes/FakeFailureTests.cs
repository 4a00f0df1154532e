namespace BuildRunner.Testing.Tests;

/// <summary>The effect of each failure on each call.</summary>
public sealed class FakeFailureTests : FakeTestBase
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(7);

    private static readonly Dictionary<string, FakeFailure> Failures = new()
    {
        ["Transient"] = FakeFailure.Transient(),
        ["Transient with a delay"] = FakeFailure.Transient(RetryAfter),
        ["RateLimited"] = FakeFailure.RateLimited(RetryAfter),
        ["Permanent"] = FakeFailure.Permanent(),
        ["CredentialsRefused"] = FakeFailure.CredentialsRefused(),
        ["TimesOut"] = FakeFailure.TimesOut(),
        ["AnswerLost"] = FakeFailure.AnswerLost(),
        ["CancelRefused"] = FakeFailure.CancelRefused(),
    };

    public static TheoryData<string> Names => [.. Failures.Keys];

    [Theory]
    [InlineData("Transient", true, false, 0)]
    [InlineData("Transient with a delay", true, true, 0)]
    [InlineData("RateLimited", true, true, 0)]
    [InlineData("Permanent", false, false, 0)]
    [InlineData("CancelRefused", true, false, 0)]
    public async Task A_trigger_that_fails_for_a_known_reason_creates_nothing(string name, bool transient, bool delayed, int created)
    {
        Runner.NextTrigger(Failures[name]);

        var exception = (await FluentActions.Awaiting(TriggerAsync).Should().ThrowExactlyAsync<BuildRunnerException>()).Which;

        (exception.IsTransient, exception.RetryAfter, exception.BuildId).Should().Be((transient, delayed ? RetryAfter : null, null));
        Runner.CreatedBuilds.Should().Be(created);
        Runner.Triggers.Should().Equal(new FakeTrigger(new BuildRequest { Head = [First] }, buildId: null));
    }

    [Theory]
    [InlineData("TimesOut", 0)]
    [InlineData("AnswerLost", 1)]
    public async Task A_trigger_without_an_answer_has_an_unknown_outcome(string name, int created)
    {
        Runner.NextTrigger(Failures[name]);

        await FluentActions.Awaiting(TriggerAsync).Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();

        Runner.CreatedBuilds.Should().Be(created);
        Runner.Triggers.Should().ContainSingle().Which.BuildId.Should().Be(created == 0 ? null : new BuildId("fake-1"));
    }

    [Theory]
    [InlineData("Transient", true, false)]
    [InlineData("Transient with a delay", true, true)]
    [InlineData("RateLimited", true, true)]
    [InlineData("Permanent", false, false)]
    [InlineData("TimesOut", true, false)]
    [InlineData("AnswerLost", true, false)]
    [InlineData("CancelRefused", true, false)]
    public async Task A_status_call_fails_and_names_the_build(string name, bool transient, bool delayed)
    {
        var buildId = await TriggerAsync();
        Runner.NextStatus(Failures[name]);

        var exception = (await FluentActions.Awaiting(() => Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>()).Which;

        (exception.IsTransient, exception.RetryAfter, exception.BuildId).Should().Be((transient, delayed ? RetryAfter : null, buildId));
        Runner.StatusCalls.Should().Equal(buildId);
    }

    [Theory]
    [InlineData("Transient", true, false, BuildStatus.Running)]
    [InlineData("Transient with a delay", true, true, BuildStatus.Running)]
    [InlineData("RateLimited", true, true, BuildStatus.Running)]
    [InlineData("Permanent", false, false, BuildStatus.Running)]
    [InlineData("TimesOut", true, false, BuildStatus.Running)]
    [InlineData("AnswerLost", true, false, BuildStatus.Cancelled)]
    [InlineData("CancelRefused", true, false, BuildStatus.Running)]
    public async Task A_cancel_fails_and_only_a_lost_answer_has_an_effect(string name, bool transient, bool delayed, BuildStatus after)
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());
        Runner.NextCancel(Failures[name]);

        var exception = (await FluentActions.Awaiting(() => Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>()).Which;

        (exception.IsTransient, exception.RetryAfter, exception.BuildId).Should().Be((transient, delayed ? RetryAfter : null, buildId));
        (await StatusAsync(buildId)).Should().Be(after);
        Runner.Cancels.Should().Equal(buildId);
    }

    [Fact]
    public async Task Refused_credentials_are_a_fault_of_the_setup_until_they_are_accepted_and_have_no_effect()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());
        foreach (var (refuse, call, about) in new (Func<FakeFailure, PlannedFailure>, Func<Task>, BuildId?)[]
        {
            (Runner.EveryTrigger, TriggerAsync, null),
            (Runner.EveryStatus, () => Runner.StatusAsync(buildId), buildId),
            (Runner.EveryCancel, () => Runner.CancelAsync(buildId), buildId),
        })
        {
            var created = Runner.CreatedBuilds;
            var refusal = refuse(FakeFailure.CredentialsRefused());

            var exception = (await call.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which;

            (exception.IsTransient, exception.BuildId).Should().Be((false, about));
            Runner.CreatedBuilds.Should().Be(created);
            refusal.Dispose();
            await call.Should().NotThrowAsync();
        }

        (await StatusAsync(buildId)).Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_refused_cancel_of_an_ended_build_does_nothing()
    {
        var buildId = await TriggerAsync();
        Runner.NextCancel(FakeFailure.CancelRefused());

        await Runner.CancelAsync(buildId);

        (await StatusAsync(buildId)).Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_refused_cancel_of_an_unknown_build_does_not_find_it()
    {
        Runner.NextCancel(FakeFailure.CancelRefused());

        await FluentActions.Awaiting(() => Runner.CancelAsync(new BuildId("fake-1"))).Should().ThrowAsync<BuildNotFoundException>();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_failure_happens_once(string name)
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());
        Runner.NextTrigger(Failures[name]);
        Runner.NextStatus(Failures[name]);
        Runner.NextCancel(Failures[name]);
        Func<Task>[] calls = [TriggerAsync, () => Runner.StatusAsync(buildId), () => Runner.CancelAsync(buildId)];
        foreach (var call in calls)
        {
            await call.Should().ThrowAsync<BuildRunnerException>();
        }

        foreach (var call in calls)
        {
            await call.Should().NotThrowAsync();
        }
    }

    [Fact]
    public async Task Failures_happen_in_the_order_in_which_they_were_queued()
    {
        var buildId = await TriggerAsync();
        Runner.NextStatus(FakeFailure.Permanent());
        Runner.NextStatus(FakeFailure.Transient());

        var first = (await FluentActions.Awaiting(() => Runner.StatusAsync(buildId)).Should().ThrowAsync<BuildRunnerException>()).Which;
        var second = (await FluentActions.Awaiting(() => Runner.StatusAsync(buildId)).Should().ThrowAsync<BuildRunnerException>()).Which;

        (first.IsTransient, second.IsTransient).Should().Be((false, true));
    }

    [Fact]
    public async Task A_failure_tells_when_a_call_has_met_it()
    {
        var buildId = await TriggerAsync();
        using var planned = Runner.NextStatus(FakeFailure.Transient());
        var before = planned.Reached.IsCompleted;

        await FluentActions.Awaiting(() => Runner.StatusAsync(buildId)).Should().ThrowAsync<BuildRunnerException>();

        (before, planned.Reached.IsCompletedSuccessfully).Should().Be((false, true));
    }

    [Fact]
    public async Task A_failure_that_is_taken_back_does_not_happen()
    {
        var buildId = await TriggerAsync();
        var first = Runner.NextStatus(FakeFailure.Permanent());
        using var second = Runner.NextStatus(FakeFailure.RateLimited(RetryAfter));

        first.Dispose();
        first.Dispose();

        (await FluentActions.Awaiting(() => Runner.StatusAsync(buildId)).Should().ThrowAsync<BuildRunnerException>()).Which.RetryAfter.Should().Be(RetryAfter);
        await FluentActions.Awaiting(() => Runner.StatusAsync(buildId)).Should().NotThrowAsync();
        first.Reached.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task A_failure_of_every_call_lasts_until_it_is_taken_back_and_lets_queued_ones_go_first()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());
        foreach (var (every, next, call) in new (Func<FakeFailure, PlannedFailure>, Func<FakeFailure, PlannedFailure>, Func<Task>)[]
        {
            (Runner.EveryTrigger, Runner.NextTrigger, TriggerAsync),
            (Runner.EveryStatus, Runner.NextStatus, () => Runner.StatusAsync(buildId)),
            (Runner.EveryCancel, Runner.NextCancel, () => Runner.CancelAsync(buildId)),
        })
        {
            var outage = every(FakeFailure.Transient());
            next(FakeFailure.RateLimited(RetryAfter));
            List<TimeSpan?> delays = [];
            for (var time = 0; time < 3; time++)
            {
                delays.Add((await call.Should().ThrowAsync<BuildRunnerException>()).Which.RetryAfter);
            }

            outage.Dispose();

            delays.Should().Equal(RetryAfter, null, null);
            await call.Should().NotThrowAsync();
        }
    }

    [Fact]
    public async Task A_lost_answer_is_not_learned_of_when_it_would_have_been_an_error()
    {
        Runner.Reject(static _ => "no");
        Runner.NextTrigger(FakeFailure.AnswerLost());
        Runner.NextStatus(FakeFailure.AnswerLost());
        Runner.NextCancel(FakeFailure.AnswerLost());

        await FluentActions.Awaiting(TriggerAsync).Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        await FluentActions.Awaiting(() => Runner.StatusAsync(new BuildId("fake-1"))).Should().ThrowExactlyAsync<BuildRunnerException>();
        await FluentActions.Awaiting(() => Runner.CancelAsync(new BuildId("fake-1"))).Should().ThrowExactlyAsync<BuildRunnerException>();
    }

    [Fact(Timeout = 600_000)]
    public async Task A_call_that_hangs_fails_when_that_is_taken_back()
    {
        var planned = Runner.NextTrigger(FakeFailure.Hangs());
        var hanging = TriggerAsync();
        await planned.Reached.WaitAsync(TestContext.Current.CancellationToken);

        planned.Dispose();

        await FluentActions.Awaiting(() => hanging).Should().ThrowAsync<TriggerOutcomeUnknownException>();
        Runner.CreatedBuilds.Should().Be(0);
    }

    [Fact(Timeout = 600_000)]
    public async Task A_call_that_hangs_is_released_by_its_token_and_has_no_effect()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());
        foreach (var (plan, call) in new (Func<FakeFailure, PlannedFailure> Plan, Func<CancellationToken, Task> Call)[]
        {
            (Runner.NextTrigger, token => Runner.TriggerAsync(new BuildRequest(), token)),
            (Runner.NextStatus, token => Runner.StatusAsync(buildId, token)),
            (Runner.NextCancel, token => Runner.CancelAsync(buildId, token)),
        })
        {
            using var caller = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            using var planned = plan(FakeFailure.Hangs());
            var hanging = call(caller.Token);
            await planned.Reached.WaitAsync(TestContext.Current.CancellationToken);
            Clock.Advance(TimeSpan.FromDays(1));
            hanging.IsCompleted.Should().BeFalse();

            await caller.CancelAsync();

            var exception = (await FluentActions.Awaiting(() => hanging).Should().ThrowAsync<OperationCanceledException>()).Which;
            exception.CancellationToken.Should().Be(caller.Token);
        }

        (Runner.CreatedBuilds, await StatusAsync(buildId)).Should().Be((1, BuildStatus.Running));
    }

    [Fact]
    public async Task A_token_that_was_cancelled_before_ends_every_call_and_nothing_is_recorded()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());
        CancellationToken cancelled = new(canceled: true);
        Func<Task>[] calls =
        [
            () => Runner.TriggerAsync(new BuildRequest(), cancelled),
            () => Runner.StatusAsync(buildId, cancelled),
            () => Runner.CancelAsync(buildId, cancelled),
            () => Runner.FindAsync("key", cancelled),
            () => Runner.OpenLogAsync(buildId, cancelled),
        ];

        foreach (var call in calls)
        {
            await call.Should().ThrowAsync<OperationCanceledException>();
        }

        (Runner.Triggers.Count, Runner.StatusCalls.Count, Runner.Cancels.Count).Should().Be((1, 0, 0));
    }
}
