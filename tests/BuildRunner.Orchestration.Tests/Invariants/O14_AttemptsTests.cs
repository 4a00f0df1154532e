namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O14_AttemptsTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private const string Commit = "store.commit";

    private static readonly TimeSpan Total = TimeSpan.FromHours(6);
    private static readonly RetryOptions Three = new() { MaxAttempts = 3 };
    private static readonly FakeBuild Infra = FakeBuild.Fails(TimeSpan.FromSeconds(5), BuildFailureKinds.Infra);

    [Fact]
    public async Task Each_attempt_has_a_key_and_a_remote_id_of_its_own_and_the_build_has_one_verdict()
    {
        Runner.NextBuild(Infra);
        Runner.NextBuild(Infra);
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        var ended = await ShouldHaveEndedAsync(process, build, BuildStatus.Succeeded, attempts: 3);
        Runner.Triggers.Select(static trigger => trigger.Request.TriggerKey).Should().Equal($"{build.Id}", $"{build.Id}-2", $"{build.Id}-3");
        ended.Request.TriggerKey.Should().Be($"{build.Id}-3");
        ended.RemoteId.Should().Be(Runner.Triggers[2].BuildId);
        ended.Note.Should().ContainAll($"Attempt 1 '{Runner.Triggers[0].BuildId}' ended: infra.", $"Attempt 2 '{Runner.Triggers[1].BuildId}' ended: infra.");
        Observer.Seen.Select(static seen => seen.Attempt).Distinct().Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task The_last_attempt_ends_as_it_ends()
    {
        Runner.EveryBuild(static _ => Infra);
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        KindOf(await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 3)).Should().Be(BuildFailureKinds.Infra);
    }

    [Fact]
    public async Task A_build_that_the_CI_does_not_run_in_time_is_tried_again()
    {
        Runner.NextBuild(FakeBuild.WaitsFor(Timeout.InfiniteTimeSpan, FakeBuild.Succeeds()));
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total) with { PendingTimeout = TimeSpan.FromMinutes(2) });

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        (await ShouldHaveEndedAsync(process, build, BuildStatus.Succeeded, attempts: 2)).Metadata.ContainsKey(BuildLimits.MetadataKey).Should().BeFalse();
    }

    [Fact]
    public async Task A_build_that_the_CI_cancels_is_tried_again()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));
        await process.DrainAsync();

        Runner.MoveTo(Runner.Triggers[0].BuildId!.Value, BuildStatus.Cancelled);
        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Succeeded, attempts: 2);
    }

    [Fact]
    public async Task A_build_that_the_runner_has_lost_is_tried_again()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled() with { VanishesAfter = TimeSpan.FromMinutes(1) });
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Succeeded, attempts: 2);
    }

    [Fact]
    public async Task A_trigger_without_an_answer_is_tried_again_with_another_key_where_the_runner_cannot_look_it_up()
    {
        Runner.NextTrigger(FakeFailure.TimesOut());
        var process = await StartAsync(finds: false, configure: static options => options.Retry = Three);
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        (await ShouldHaveEndedAsync(process, build, BuildStatus.Succeeded, attempts: 2)).Note.Should().Contain("may have created");
        Runner.Triggers.Select(static trigger => trigger.Request.TriggerKey).Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData(BuildFailureKinds.Rejected)]
    [InlineData(BuildFailureKinds.Conflict)]
    [InlineData(BuildFailureKinds.Blocked)]
    [InlineData(BuildFailureKinds.Skipped)]
    [InlineData(BuildFailureKinds.Timeout)]
    [InlineData(BuildFailureKinds.Code)]
    [InlineData("gremlins")]
    [InlineData("")]
    public async Task A_build_that_would_fail_again_is_not_tried_again(string kind)
    {
        Runner.NextBuild(FakeBuild.Fails(TimeSpan.FromSeconds(5)) with { Metadata = kind is "" ? BuildMetadata.Empty : [new(BuildMetadataKeys.FailureKind, kind)] });
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1);
    }

    [Theory]
    [InlineData(BuildFailureKinds.Code, 2)]
    [InlineData(null, 2)]
    [InlineData(BuildFailureKinds.Blocked, 1)]
    [InlineData(BuildFailureKinds.Conflict, 1)]
    public async Task A_build_that_is_known_to_be_flaky_is_tried_again_after_a_failure_of_the_change(string? kind, int attempts)
    {
        Runner.NextBuild(FakeBuild.Fails() with { Metadata = kind is null ? BuildMetadata.Empty : [new(BuildMetadataKeys.FailureKind, kind)] });
        var process = await StartAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total) with { Retry = new() { MaxAttempts = 2, Kinds = RetryKinds.Code } });

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, attempts == 1 ? BuildStatus.Failed : BuildStatus.Succeeded, attempts);
    }

    [Fact]
    public async Task A_build_that_is_rejected_is_not_tried_again()
    {
        Runner.NextTrigger(FakeFailure.Permanent());
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1);
    }

    [Fact]
    public async Task A_faulty_setup_is_waited_for_within_one_attempt()
    {
        Runner.NextTrigger(FakeFailure.CredentialsRefused());
        Runner.NextTrigger(FakeFailure.CredentialsRefused());
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Succeeded, attempts: 1);
    }

    [Theory]
    [InlineData(true, "run")]
    [InlineData(false, "total")]
    public async Task A_build_that_runs_too_long_is_not_tried_again(bool isRunLimit, string limit)
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var process = await StartRetryingAsync();
        var minute = TimeSpan.FromMinutes(1);
        var build = await process.Orchestrator.SubmitAsync(isRunLimit ? Submissions.Of(timeout: Total) with { RunTimeout = minute } : Submissions.Of(timeout: minute));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        (await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1)).Metadata[BuildLimits.MetadataKey].Should().Be(limit);
    }

    [Fact]
    public async Task A_build_that_may_run_on_is_not_tried_again()
    {
        Runner.NextBuild(FakeBuild.WaitsFor(Timeout.InfiniteTimeSpan, FakeBuild.Succeeds()) with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total) with { PendingTimeout = TimeSpan.FromMinutes(1) });

        await RunForAsync(process, TimeSpan.FromMinutes(30));

        (await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1)).Metadata[BuildLimits.MetadataKey].Should().Be("pending");
    }

    [Fact]
    public async Task A_build_that_its_owner_cancels_is_not_tried_again()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));
        await process.DrainAsync();

        await process.Orchestrator.CancelAsync(build.Id);
        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Cancelled, attempts: 1);
    }

    [Fact]
    public async Task A_build_that_its_owner_cancels_between_two_attempts_ends_at_once()
    {
        Runner.NextBuild(Infra);
        var process = await StartAsync(configure: static options => options.Retry = Three with { Delay = TimeSpan.FromMinutes(5) });
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));
        await RunForAsync(process, TimeSpan.FromSeconds(30));
        (await GetAsync(process, build)).Attempt.Should().Be(2);

        await process.Orchestrator.CancelAsync(build.Id);
        await process.DrainAsync();

        await ShouldHaveEndedAsync(process, build, BuildStatus.Cancelled, attempts: 2);
        Runner.Triggers.Should().ContainSingle();
    }

    [Theory]
    [InlineData(BuildCancelCause.Caller)]
    [InlineData(BuildCancelCause.Superseded)]
    [InlineData(BuildCancelCause.Group)]
    public async Task A_build_that_is_cancelled_while_its_attempt_is_not_run_in_time_is_not_tried_again(BuildCancelCause cause)
    {
        Runner.EveryBuild(static _ => FakeBuild.WaitsFor(Timeout.InfiniteTimeSpan, FakeBuild.Succeeds()));
        var process = await StartAsync(configure: static options => (options.PendingTimeout, options.Retry) = (TimeSpan.FromMinutes(1), Three));
        var id = cause == BuildCancelCause.Group
            ? (await process.Orchestrator.SubmitGroupAsync(new() { Key = "group", Required = [Submissions.Of("old")] })).Members[0].BuildId
            : (await process.Orchestrator.SubmitAsync(Submissions.Of("old"))).Id;
        process.Hook.OnCallAsync = async call =>
        {
            if (call == new StageCall("runner.cancel", IsDone: false))
            {
                process.Hook.OnCallAsync = static _ => Task.CompletedTask;
                await (cause switch
                {
                    BuildCancelCause.Caller => process.Orchestrator.CancelAsync(id),
                    BuildCancelCause.Superseded => (Task)process.Orchestrator.SubmitAsync(Submissions.Of("new") with { Supersedes = new() { Key = "old" } }),
                    _ => process.Orchestrator.CancelGroupAsync("group"),
                });

                // Before the attempt ends: later its group would cancel the next one.
                await process.StepAsync(BuildTopics.Group);
            }
        };

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        var ended = (await process.Orchestrator.GetAsync(id))!;
        (ended.Status, ended.CancelCause).Should().Be((BuildStatus.Cancelled, cause));
        Runner.Triggers.Should().ContainSingle(trigger => trigger.Request.TriggerKey!.StartsWith(id.ToString()));
    }

    [Fact]
    public async Task A_build_whose_message_is_a_dead_letter_is_not_tried_again()
    {
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));
        await BuryAsync(process, TriggerTopic);

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        KindOf(await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1)).Should().Be(BuildFailureKinds.Infra);
    }

    [Fact]
    public async Task A_build_that_would_have_no_time_left_is_not_tried_again()
    {
        Runner.NextBuild(Infra);
        var process = await StartAsync(configure: static options => options.Retry = Three with { Delay = TimeSpan.FromMinutes(10) });
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: TimeSpan.FromMinutes(4)));

        await RunForAsync(process, TimeSpan.FromMinutes(2));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1);
    }

    [Fact]
    public async Task Pauses_grow_and_are_kept()
    {
        Runner.EveryBuild(static _ => Infra);
        var process = await StartAsync(configure: static options => options.Retry = new() { MaxAttempts = 4, Delay = TimeSpan.FromMinutes(1), MaxDelay = TimeSpan.FromMinutes(2) });
        List<DateTimeOffset> triggers = [];
        process.Hook.OnCallAsync = call =>
        {
            if (call is { Member: "runner.trigger", IsDone: false })
            {
                triggers.Add(Backend.Time.GetUtcNow());
            }

            return Task.CompletedTask;
        };
        await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));

        await RunForAsync(process, TimeSpan.FromMinutes(30));

        var pauses = triggers.Zip(triggers.Skip(1), static (first, second) => (second - first).TotalSeconds).ToList();
        pauses.Should().HaveCount(3);
        pauses[0].Should().BeInRange(30, 75);
        pauses[1].Should().BeInRange(60, 135);
        pauses[2].Should().BeInRange(60, 135);
    }

    [Fact]
    public async Task Asking_again_with_the_same_key_is_no_attempt()
    {
        Runner.NextBuild(FakeBuild.Fails());
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        var again = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));
        await RunForAsync(process, TimeSpan.FromMinutes(10));

        again.Id.Should().Be(build.Id);
        again.Status.Should().Be(BuildStatus.Failed);
        await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1);
    }

    [Fact]
    public async Task A_signal_for_the_build_of_an_earlier_attempt_is_refused()
    {
        Runner.NextBuild(Infra);
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));
        await process.RunUntilAsync(async () => (await GetAsync(process, build)).Attempt == 2, TimeSpan.FromMinutes(1));

        (await process.Orchestrator.SignalAsync(build.Runner, Runner.Triggers[0].BuildId!.Value)).Should().BeFalse();
    }

    [Fact]
    public async Task A_poll_that_answers_late_says_nothing_of_the_next_attempt()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var first = await StartRetryingAsync();
        var build = await first.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));
        await first.DrainAsync();
        var running = await GetAsync(first, build);
        Runner.MoveTo(running.RemoteId!.Value, BuildStatus.Failed, [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Infra)]);
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(5));
        var hold = Hold.Before(first, Commit);
        var poll = first.StepAsync(SignalTopic);
        await hold.Reached;

        var second = await StartRetryingAsync();
        await SignalAsync(second, running);
        await second.StepAsync(SignalTopic);
        await RunForAsync(second, TimeSpan.FromMinutes(1));
        hold.Release();
        await poll;

        var current = await GetAsync(second, build);
        current.Attempt.Should().Be(2);
        current.Status.Should().Be(BuildStatus.Running);
        (await SpentAsync("queue-1")).Should().Be(1);
    }

    [Fact]
    public async Task The_budget_counts_the_attempts_of_all_builds_of_an_owner_and_comes_back_after_an_hour()
    {
        Runner.EveryBuild(static _ => Infra);
        var process = await StartRetryingAsync(budget: 3);
        List<Build> builds = [];
        for (var number = 0; number < 4; number++)
        {
            builds.Add(await process.Orchestrator.SubmitAsync(Submissions.Of($"build-{number}", timeout: Total)));
        }

        var other = await process.Orchestrator.SubmitAsync(Submissions.Of("other", "queue-2", timeout: Total));
        await RunForAsync(process, TimeSpan.FromMinutes(10));

        Runner.Triggers.Should().HaveCount(4 + 3 + 3, "the other owner has a budget of its own");
        var ended = await Task.WhenAll(builds.Select(build => GetAsync(process, build)));
        ended.Should().OnlyContain(static build => build.Status == BuildStatus.Failed && KindOf(build) == BuildFailureKinds.Infra);
        ended.Where(static build => build.Attempt < 3).Should().OnlyContain(static build => build.Note!.Contains("the budget of 3 further attempts"));
        (await GetAsync(process, other)).Attempt.Should().Be(3);

        await RunForAsync(process, TimeSpan.FromHours(1));
        var later = await process.Orchestrator.SubmitAsync(Submissions.Of("later", timeout: Total));
        await RunForAsync(process, TimeSpan.FromMinutes(10));

        (await GetAsync(process, later)).Attempt.Should().Be(3);
    }

    [Fact]
    public async Task Two_processes_do_not_spend_the_same_attempt_of_the_budget()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var first = await StartRetryingAsync(budget: 1);
        var one = await first.Orchestrator.SubmitAsync(Submissions.Of("one", timeout: Total));
        var two = await first.Orchestrator.SubmitAsync(Submissions.Of("two", timeout: Total));
        await first.DrainAsync();
        foreach (var trigger in Runner.Triggers)
        {
            Runner.MoveTo(trigger.BuildId!.Value, BuildStatus.Failed, [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Infra)]);
        }

        await Backend.AdvanceAsync(TimeSpan.FromSeconds(5));
        var hold = Hold.Before(first, Commit);
        var poll = first.StepAsync(SignalTopic);
        await hold.Reached;
        var second = await StartRetryingAsync(budget: 1);
        await SignalAsync(second, await GetAsync(second, one));
        await SignalAsync(second, await GetAsync(second, two));
        await second.DrainAsync();
        hold.Release();
        await poll;

        Build[] builds = [await GetAsync(second, one), await GetAsync(second, two)];
        builds.Select(static build => build.Attempt).Order().Should().Equal(1, 2);
        builds.Single(static build => build.Attempt == 1).Note.Should().Contain("the budget of 1");
        (await SpentAsync("queue-1")).Should().Be(1);
    }

    [Fact]
    public async Task An_outage_of_ten_minutes_costs_no_more_triggers_than_the_budget_says_and_all_builds_end()
    {
        var isInMemory = typeof(TBackend) == typeof(InMemoryBackend);
        var (count, budget) = isInMemory ? (500, 100) : (30, 6);
        var end = StageBackend.Start + TimeSpan.FromMinutes(10);
        Runner.EveryBuild(_ => Backend.Time.GetUtcNow() < end ? Infra : FakeBuild.Succeeds(TimeSpan.FromSeconds(5)));
        var process = await StartRetryingAsync(budget);
        var submissions = Enumerable.Range(0, count).Select(number => Submissions.Of($"build-{number}", timeout: Total)).ToList();
        foreach (var submission in submissions.Take(count - 5))
        {
            await process.Orchestrator.SubmitAsync(submission);
        }

        await RunForAsync(process, TimeSpan.FromMinutes(10));
        foreach (var submission in submissions.TakeLast(5))
        {
            await process.Orchestrator.SubmitAsync(submission);
        }

        await RunForAsync(process, TimeSpan.FromMinutes(20));

        Runner.Triggers.Should().HaveCount(count + budget, "all of the budget is of use, and no more is spent");
        Runner.Triggers.Select(static trigger => trigger.Request.TriggerKey).Should().OnlyHaveUniqueItems();
        foreach (var submission in submissions)
        {
            var build = (await process.Orchestrator.FindAsync(submission.Key))!;
            (build.Status, KindOf(build)).Should().BeOneOf((BuildStatus.Succeeded, null), (BuildStatus.Failed, BuildFailureKinds.Infra));
            build.Status.Should().Be((await Runner.StatusAsync(build.RemoteId!.Value)).Status, "the verdict is that of the last attempt");
            if (build.Status == BuildStatus.Failed && build.Attempt < 3)
            {
                build.Note.Should().Contain("the budget of");
            }
        }

        Observer.Seen.Where(static seen => seen.Status.IsTerminal()).Distinct().Select(static seen => seen.Id).Should().HaveCount(count).And.OnlyHaveUniqueItems();
    }

    private Task<StageProcess> StartRetryingAsync(int budget = 100) => StartAsync(configure: options => options.Retry = Three with { BudgetPerHour = budget });

    private async Task<int> SpentAsync(string owner)
    {
        var (_, store) = await OpenAsync();
        var reading = await store.ReadDocumentsAsync([DocumentNames.OfBudget(StageBuilderExtensions.Ci, owner)], CancellationToken.None);
        return RetryBudget.Read(reading.Documents.Single()).SpentAt(reading.Now);
    }

    // What was told of it as an end is its verdict alone.
    private async Task<Build> ShouldHaveEndedAsync(StageProcess process, Build build, BuildStatus status, int attempts)
    {
        var ended = await GetAsync(process, build);
        (ended.Status, ended.Attempt).Should().Be((status, attempts));
        Observer.Seen.Where(static seen => seen.Status.IsTerminal()).Should().NotBeEmpty().And.OnlyContain(seen => seen.Equals(ended));
        Runner.Triggers.Count.Should().BeInRange(attempts - 1, attempts + 2);
        return ended;
    }
}
