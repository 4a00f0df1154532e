namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O14_AttemptsTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Fact]
    public async Task Each_attempt_has_a_key_and_a_remote_id_of_its_own_and_the_build_has_one_verdict()
    {
        Runner.NextBuild(Retries.Infra);
        Runner.NextBuild(Retries.Infra);
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));

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
        Runner.EveryBuild(static _ => Retries.Infra);
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        KindOf(await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 3)).Should().Be(BuildFailureKinds.Infra);
    }

    [Fact]
    public async Task A_build_that_the_CI_does_not_run_in_time_is_tried_again()
    {
        Runner.NextBuild(FakeBuild.WaitsFor(Timeout.InfiniteTimeSpan, FakeBuild.Succeeds()));
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total) with { PendingTimeout = TimeSpan.FromMinutes(2) });

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        (await ShouldHaveEndedAsync(process, build, BuildStatus.Succeeded, attempts: 2)).Metadata.ContainsKey(BuildLimits.MetadataKey).Should().BeFalse();
    }

    [Fact]
    public async Task A_build_that_the_CI_cancels_is_tried_again()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));
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
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Succeeded, attempts: 2);
    }

    [Fact]
    public async Task A_trigger_without_an_answer_is_tried_again_with_another_key_where_the_runner_cannot_look_it_up()
    {
        Runner.NextTrigger(FakeFailure.TimesOut());
        var process = await StartAsync(finds: false, configure: static options => options.Retry = Retries.Three);
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        (await ShouldHaveEndedAsync(process, build, BuildStatus.Succeeded, attempts: 2)).Note.Should().Contain("may have created");
        Runner.Triggers.Select(static trigger => trigger.Request.TriggerKey).Should().OnlyHaveUniqueItems();
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
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total) with { Retry = new() { MaxAttempts = 2, Kinds = RetryKinds.Code } });

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, attempts == 1 ? BuildStatus.Failed : BuildStatus.Succeeded, attempts);
    }

    [Fact]
    public async Task A_faulty_setup_is_waited_for_within_one_attempt()
    {
        Runner.NextTrigger(FakeFailure.CredentialsRefused());
        Runner.NextTrigger(FakeFailure.CredentialsRefused());
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Succeeded, attempts: 1);
    }

    [Fact]
    public async Task Pauses_grow_and_are_kept()
    {
        Runner.EveryBuild(static _ => Retries.Infra);
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
        await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));

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
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        var again = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));
        await RunForAsync(process, TimeSpan.FromMinutes(10));

        again.Id.Should().Be(build.Id);
        again.Status.Should().Be(BuildStatus.Failed);
        await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1);
    }
}
