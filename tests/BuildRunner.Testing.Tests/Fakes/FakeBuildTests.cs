namespace BuildRunner.Testing.Tests;

/// <summary>The states of a build, by its script and the time.</summary>
public sealed class FakeBuildTests : FakeTestBase
{
    [Fact]
    public async Task Without_a_script_a_build_has_succeeded_at_the_first_look()
    {
        var buildId = await TriggerAsync();

        (await Runner.StatusAsync(buildId)).Should().Be(new BuildSnapshot { Status = BuildStatus.Succeeded });
    }

    [Fact]
    public async Task Without_a_clock_it_lives_by_that_of_the_system()
    {
        var runner = new FakeBuildRunner();
        runner.NextBuild(FakeBuild.Succeeds(after: TimeSpan.FromDays(1)));

        var buildId = await runner.TriggerAsync([], []);

        (await runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task A_build_runs_until_its_time_is_over()
    {
        var buildId = await TriggerAsync(FakeBuild.Succeeds(after: Minute));

        var statuses = await StatusesAsync(buildId, TimeSpan.Zero, Minute - Tick, Minute, 100 * Minute);

        statuses.Should().Equal(BuildStatus.Running, BuildStatus.Running, BuildStatus.Succeeded, BuildStatus.Succeeded);
    }

    [Theory]
    [InlineData(BuildFailureKinds.Code)]
    [InlineData(BuildFailureKinds.Timeout)]
    public async Task A_build_fails_and_says_why(string kind)
    {
        var buildId = await TriggerAsync(FakeBuild.Fails(after: Minute, kind));

        var running = await Runner.StatusAsync(buildId);
        Clock.Advance(Minute);
        var ended = await Runner.StatusAsync(buildId);

        running.Should().Be(new BuildSnapshot { Status = BuildStatus.Running });
        ended.Should().Be(new BuildSnapshot { Status = BuildStatus.Failed, Metadata = [new(BuildMetadataKeys.FailureKind, kind)] });
    }

    [Fact]
    public async Task A_failure_is_one_of_the_code_unless_it_is_said()
    {
        var buildId = await TriggerAsync(FakeBuild.Fails());

        (await Runner.StatusAsync(buildId)).Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Code);
    }

    [Fact]
    public async Task A_build_waits_before_it_runs()
    {
        var buildId = await TriggerAsync(FakeBuild.WaitsFor(Minute, FakeBuild.Fails(after: 2 * Minute)));

        var statuses = await StatusesAsync(buildId, TimeSpan.Zero, Minute, 3 * Minute - Tick, 3 * Minute);

        statuses.Should().Equal(BuildStatus.Accepted, BuildStatus.Running, BuildStatus.Running, BuildStatus.Failed);
    }

    [Fact]
    public async Task A_build_goes_through_its_steps_also_from_running_back_to_accepted()
    {
        var buildId = await TriggerAsync(FakeBuild.GoesThrough(
            new(BuildStatus.Running, Minute),
            new(BuildStatus.Accepted, Minute),
            new(BuildStatus.Unknown, Minute),
            new(BuildStatus.Running, Minute)));

        var statuses = await StatusesAsync(buildId, TimeSpan.Zero, Minute, 2 * Minute, 3 * Minute, 4 * Minute);

        statuses.Should().Equal(BuildStatus.Running, BuildStatus.Accepted, BuildStatus.Unknown, BuildStatus.Running, BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_step_that_takes_no_time_is_not_seen()
    {
        var buildId = await TriggerAsync(FakeBuild.GoesThrough(new(BuildStatus.Accepted, TimeSpan.Zero), new FakeBuildStep(BuildStatus.Running, Minute)));

        (await StatusAsync(buildId)).Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task A_build_ends_as_it_is_told()
    {
        var buildId = await TriggerAsync(FakeBuild.GoesThrough(new FakeBuildStep(BuildStatus.Running, Minute)) with { End = BuildStatus.Cancelled });

        (await StatusesAsync(buildId, TimeSpan.Zero, Minute)).Should().Equal(BuildStatus.Running, BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_build_that_runs_until_it_is_cancelled_does_not_end_by_itself()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());

        (await StatusesAsync(buildId, TimeSpan.Zero, TimeSpan.FromDays(1000))).Should().Equal(BuildStatus.Running, BuildStatus.Running);
    }

    [Fact]
    public async Task A_step_says_what_the_backend_calls_it()
    {
        var buildId = await TriggerAsync(FakeBuild.GoesThrough(new(BuildStatus.Unknown, Minute) { NativeState = "PONDERING" }, new FakeBuildStep(BuildStatus.Running, Minute)));

        var unknown = await Runner.StatusAsync(buildId);
        Clock.Advance(Minute);
        var running = await Runner.StatusAsync(buildId);

        unknown.Metadata.ToDictionary().Should().Equal(new Dictionary<string, string> { [BuildMetadataKeys.NativeState] = "PONDERING" });
        running.Metadata.Should().BeSameAs(BuildMetadata.Empty);
    }

    [Fact]
    public async Task The_metadata_of_the_end_wins_over_that_of_the_caller()
    {
        Runner.NextBuild(FakeBuild.Succeeds(after: Minute) with { Metadata = [new("url", "theirs"), new("commit", "abc")] });
        var buildId = await Runner.TriggerAsync([], [], [new("url", "mine"), new("queue", "main")]);

        var running = await Runner.StatusAsync(buildId);
        Clock.Advance(Minute);
        var ended = await Runner.StatusAsync(buildId);

        running.Metadata.ToDictionary().Should().BeEquivalentTo(new Dictionary<string, string> { ["url"] = "mine", ["queue"] = "main" });
        ended.Metadata.ToDictionary().Should().BeEquivalentTo(new Dictionary<string, string> { ["url"] = "theirs", ["queue"] = "main", ["commit"] = "abc" });
    }

    [Fact]
    public async Task The_hint_is_there_until_the_end()
    {
        var buildId = await TriggerAsync(FakeBuild.Succeeds(after: Minute) with { PollAfter = TimeSpan.FromSeconds(7) });

        var running = await Runner.StatusAsync(buildId);
        Clock.Advance(Minute);
        var ended = await Runner.StatusAsync(buildId);

        running.PollAfter.Should().Be(TimeSpan.FromSeconds(7));
        ended.PollAfter.Should().BeNull();
    }

    [Fact]
    public async Task A_build_vanishes()
    {
        var buildId = await TriggerAsync(FakeBuild.Succeeds() with { VanishesAfter = Minute });
        Func<Task>[] calls = [() => Runner.StatusAsync(buildId), () => Runner.CancelAsync(buildId), () => Runner.OpenLogAsync(buildId)];
        Clock.Advance(Minute - Tick);
        await Task.WhenAll(calls.Select(call => call()));

        Clock.Advance(Tick);

        foreach (var call in calls)
        {
            (await call.Should().ThrowAsync<BuildNotFoundException>()).Which.BuildId.Should().Be(buildId);
        }
    }

    [Fact]
    public async Task The_log_is_there()
    {
        var buildId = await TriggerAsync(FakeBuild.Fails() with { Log = "zweï errors" });

        using var reader = new StreamReader(await Runner.As<IBuildLogSource>()!.OpenLogAsync(buildId));

        (await reader.ReadToEndAsync()).Should().Be("zweï errors");
    }

    [Theory]
    [InlineData(BuildStatus.Succeeded)]
    [InlineData(BuildStatus.Failed)]
    [InlineData(BuildStatus.Cancelled)]
    public void A_step_is_no_end(BuildStatus status)
    {
        Action act = () => FakeBuild.GoesThrough(new FakeBuildStep(status, Minute));

        act.Should().ThrowExactly<ArgumentException>();
    }

    [Theory]
    [InlineData(BuildStatus.Unknown)]
    [InlineData(BuildStatus.Accepted)]
    [InlineData(BuildStatus.Running)]
    public void An_end_is_terminal(BuildStatus status)
    {
        Action act = () => _ = FakeBuild.Succeeds() with { End = status };

        act.Should().ThrowExactly<ArgumentException>();
    }

    [Fact]
    public void A_duration_is_not_negative()
    {
        var negative = TimeSpan.FromMinutes(-1);
        Action[] acts =
        [
            () => FakeBuild.Succeeds(after: negative),
            () => FakeBuild.Fails(after: negative),
            () => FakeBuild.WaitsFor(negative, FakeBuild.Succeeds()),
            () => FakeBuild.GoesThrough(new FakeBuildStep(BuildStatus.Running, negative)),
            () => _ = FakeBuild.Succeeds() with { IgnoresCancelFor = negative },
            () => _ = FakeBuild.Succeeds() with { VanishesAfter = negative },
            () => _ = FakeBuild.Succeeds() with { PollAfter = negative },
        ];

        acts.Should().AllSatisfy(act => act.Should().Throw<ArgumentException>());
    }

    [Fact]
    public void Null_is_refused()
    {
        Action[] acts =
        [
            () => FakeBuild.WaitsFor(Minute, null!),
            () => FakeBuild.GoesThrough(null!),
            () => FakeBuild.GoesThrough([null!]),
            () => _ = FakeBuild.Succeeds() with { Log = null! },
        ];

        acts.Should().AllSatisfy(act => act.Should().ThrowExactly<ArgumentNullException>());
    }

    [Fact]
    public async Task A_list_of_steps_that_changes_later_does_not_change_the_build()
    {
        List<FakeBuildStep> steps = [new(BuildStatus.Running, Minute)];
        var build = FakeBuild.GoesThrough(steps);

        steps.Clear();

        (await StatusAsync(await TriggerAsync(build))).Should().Be(BuildStatus.Running);
    }

    [Fact]
    public void Metadata_that_is_null_is_empty()
    {
        var build = FakeBuild.Fails() with { Metadata = null };

        build.Metadata.Should().BeSameAs(BuildMetadata.Empty);
    }

    [Fact]
    public async Task A_duration_may_be_as_long_as_any()
    {
        var longest = TimeSpan.MaxValue;
        var build = FakeBuild.WaitsFor(longest, FakeBuild.Succeeds(after: longest)) with { IgnoresCancelFor = longest, VanishesAfter = longest, PollAfter = longest };
        var buildId = await TriggerAsync(build);
        await Runner.CancelAsync(buildId);

        (await StatusesAsync(buildId, TimeSpan.Zero, 1000 * Minute)).Should().Equal(BuildStatus.Accepted, BuildStatus.Accepted);
    }

    [Fact]
    public void Builds_are_equal_where_all_that_they_do_is()
    {
        FakeBuild Make() => FakeBuild.WaitsFor(Minute, FakeBuild.Fails(after: Minute)) with { Log = "log", PollAfter = Minute };

        (Make() == Make(), Make().GetHashCode() == Make().GetHashCode()).Should().Be((true, true));
        FakeBuild[] others =
        [
            FakeBuild.Fails(after: Minute) with { Log = "log", PollAfter = Minute },
            Make() with { End = BuildStatus.Cancelled },
            Make() with { Metadata = null },
            Make() with { Log = "" },
            Make() with { PollAfter = null },
            Make() with { VanishesAfter = Minute },
            Make() with { IgnoresCancelFor = Minute },
            Make() with { Steps = [new(BuildStatus.Running, Minute), new(BuildStatus.Accepted, Minute)] },
        ];
        others.Should().NotContain(Make());
    }

    [Fact]
    public async Task A_clock_that_is_set_back_reopens_nothing()
    {
        var buildId = await TriggerAsync(FakeBuild.Succeeds(after: Minute));
        Clock.Advance(Minute);
        var seen = await StatusAsync(buildId);

        Clock.AdjustTime(Clock.GetUtcNow() - (10 * Minute));

        (seen, await StatusAsync(buildId)).Should().Be((BuildStatus.Succeeded, BuildStatus.Succeeded));
    }
}
