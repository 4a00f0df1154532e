using NSubstitute.ExceptionExtensions;

namespace BuildRunner.Testing.Tests;

/// <summary>The kit with faults: injected ones, and those of the harness itself.</summary>
public sealed class ConformanceFaultTests
{
    [Fact]
    public async Task What_a_harness_throws_is_named_and_is_not_taken_for_a_mistake_of_the_runner()
    {
        InvalidTimeZoneException thrown = new();
        StubHarness harness = new(new NoopBuildRunner()) { Requests = _ => throw thrown };

        var result = await RunAsync("T3: An id is never default", harness);

        (result.Outcome, result.EndedEarly, result.Exception).Should().Be((ConformanceOutcome.Failed, true, thrown));
    }

    [Fact]
    public async Task What_a_runner_throws_unexpectedly_is_kept()
    {
        InvalidTimeZoneException thrown = new();
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).ThrowsAsync(thrown);

        var result = await RunAsync("T3: An id is never default", new StubHarness(runner));

        (result.Outcome, result.EndedEarly, result.Exception).Should().Be((ConformanceOutcome.Failed, true, thrown));
    }

    [Fact]
    public async Task What_a_case_finds_wrong_with_an_exception_carries_it()
    {
        InvalidTimeZoneException thrown = new();
        var runner = Substitute.For<IBuildRunner>();
        runner.StatusAsync(default, Arg.Any<CancellationToken>()).ThrowsAsync(thrown);

        var result = await RunAsync("S1: A default id is refused", new StubHarness(runner));

        (result.Outcome, result.EndedEarly, result.Exception).Should().Be((ConformanceOutcome.Failed, false, thrown));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(0, 5)]
    [InlineData(2, 0)]
    [InlineData(2, -1)]
    public async Task A_harness_that_makes_a_case_empty_fails_it(int callers, int limit)
    {
        StubHarness harness = new(new NoopBuildRunner()) { Callers = callers, Limit = limit };

        var result = await RunAsync("T3: Ids are unique under concurrency", harness);

        result.Outcome.Should().Be(ConformanceOutcome.Failed);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task A_blank_secret_fails_the_case(string secret)
    {
        var result = await RunAsync("A4: No credential is in the metadata", new StubHarness(new NoopBuildRunner()) { Credentials = [secret] });

        result.Outcome.Should().Be(ConformanceOutcome.Failed);
    }

    [Theory]
    [InlineData("A4: No credential is in an exception")]
    [InlineData("A4: No credential is in the log")]
    [InlineData("A4: No credential is in a trace")]
    public async Task Nothing_to_look_at_is_not_a_pass(string name)
    {
        StubHarness harness = new(new NoopBuildRunner()) { Credentials = ["secret"], Logs = [] };

        (await RunAsync(name, harness)).Outcome.Should().Be(ConformanceOutcome.Skipped);
    }

    [Fact]
    public async Task Sources_that_have_no_activity_fail_the_case()
    {
        StubHarness harness = new(new NoopBuildRunner()) { Credentials = ["secret"], Sources = ["BuildRunner.Nobody"] };

        (await RunAsync("A4: No credential is in a trace", harness)).Outcome.Should().Be(ConformanceOutcome.Failed);
    }

    [Theory]
    [InlineData("T8: A lost answer is an unknown outcome or finds the build")]
    [InlineData("A2: A time-out of the transport in Status is a transient error")]
    [InlineData("A3: A rate limit in Cancel is transient and carries the backend's delay")]
    [InlineData("A5: The same runner works again when the setup is mended")]
    public async Task A_fault_that_no_call_meets_fails_the_case(string name)
    {
        FakeBuildRunner runner = new();
        runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        StubHarness harness = new(runner, BuildRunnerCapabilities.RunsBuilds)
        {
            Injections = static () => Task.FromResult<ConformanceInjection?>(new(new TaskCompletionSource().Task, static () => ValueTask.CompletedTask)),
        };

        var result = await RunAsync(name, harness);

        (result.Outcome, result.EndedEarly).Should().Be((ConformanceOutcome.Failed, true));
    }

    [Theory]
    [InlineData("T4: A rejected request creates nothing")]
    [InlineData("T4: Whatever else Trigger throws, nothing was created")]
    [InlineData("A5: A trigger whose credentials are refused says that the setup is at fault")]
    public async Task A_count_that_never_rises_proves_nothing_and_fails_the_case(string name)
    {
        var result = await RunAsync(name, new StuckHarness());

        (result.Outcome, result.EndedEarly).Should().Be((ConformanceOutcome.Failed, true));
    }

    [Fact]
    public async Task A_runner_that_never_says_which_side_broke_is_not_failed()
    {
        FakeBuildRunner runner = new();
        runner.EveryBuild(static _ => FakeBuild.Fails());

        var result = await RunAsync("S5: A build that the head broke says so", new StubHarness(runner, BuildRunnerCapabilities.RunsBuilds));

        (result.Outcome, result.Reason).Should().Match<(ConformanceOutcome Outcome, string Reason)>(static each => each.Outcome == ConformanceOutcome.Skipped && each.Reason.Contains("failed_side"));
    }

    [Fact]
    public async Task Every_fault_is_taken_back_once()
    {
        var withdrawn = 0;
        StubHarness harness = new(new FakeBuildRunner(), BuildRunnerCapabilities.RunsBuilds)
        {
            Injections = () => Task.FromResult<ConformanceInjection?>(new(Task.CompletedTask, () =>
            {
                withdrawn++;
                return ValueTask.CompletedTask;
            })),
        };

        await RunAsync("C3: A refused cancel of an ended build does nothing", harness);

        withdrawn.Should().Be(1);
    }

    [Fact]
    public async Task A_fault_that_cannot_be_taken_back_fails_the_case()
    {
        InvalidTimeZoneException thrown = new();
        StubHarness harness = new(new FakeBuildRunner(), BuildRunnerCapabilities.RunsBuilds)
        {
            Injections = () => Task.FromResult<ConformanceInjection?>(new(Task.CompletedTask, () => throw thrown)),
        };

        var result = await RunAsync("C3: A refused cancel of an ended build does nothing", harness);

        (result.Outcome, result.Exception?.InnerException).Should().Be((ConformanceOutcome.Failed, thrown));
    }

    [Fact]
    public async Task What_a_case_has_triggered_does_not_go_on_after_it()
    {
        FakeBuildRunner runner = new();
        runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());

        var result = await RunAsync("T2: Trigger returns before the build has ended", new StubHarness(runner, BuildRunnerCapabilities.RunsBuilds));

        result.Outcome.Should().Be(ConformanceOutcome.Passed);
        runner.Cancels.Should().Equal(runner.Triggers.Select(trigger => trigger.BuildId!.Value));
    }

    [Fact]
    public async Task What_a_cancelled_case_has_triggered_does_not_go_on_either()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        FakeBuildRunner runner = new();
        runner.EveryBuild(_ =>
        {
            stop.Cancel();
            return FakeBuild.RunsUntilCancelled();
        });

        Func<Task> act = () => Case("T2: Trigger returns before the build has ended").RunAsync(new StubHarness(runner, BuildRunnerCapabilities.RunsBuilds), stop.Token);

        await act.Should().ThrowAsync<OperationCanceledException>();
        runner.Cancels.Should().Equal(runner.Triggers.Select(trigger => trigger.BuildId!.Value));
    }

    [Fact]
    public async Task A_cancel_that_is_refused_for_now_is_tried_again_at_the_end()
    {
        FakeBuildRunner runner = new();
        runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        runner.NextCancel(FakeFailure.CancelRefused());

        await RunAsync("T2: Trigger returns before the build has ended", new StubHarness(runner, BuildRunnerCapabilities.RunsBuilds));

        runner.Cancels.Should().HaveCount(2);
        (await runner.StatusAsync(runner.Cancels[0], TestContext.Current.CancellationToken)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_cancel_that_is_accepted_and_lost_is_repeated_until_the_build_has_ended()
    {
        FakeBuildRunner backend = new();
        backend.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());

        var result = await RunAsync("T2: Trigger returns before the build has ended", new StubHarness(new LosesFirstCancel(backend), BuildRunnerCapabilities.RunsBuilds));

        (result.Outcome, result.Reason).Should().Be((ConformanceOutcome.Passed, ""));
        (await backend.StatusAsync(backend.Triggers[0].BuildId!.Value, TestContext.Current.CancellationToken)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_build_that_no_cancel_stops_is_named_and_fails_no_case_of_another_clause()
    {
        FakeBuildRunner runner = new();
        runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });

        var result = await RunAsync("T2: Trigger returns before the build has ended", new StubHarness(runner, BuildRunnerCapabilities.RunsBuilds));

        result.Outcome.Should().Be(ConformanceOutcome.Passed);
        result.Reason.Should().Contain(runner.Triggers[0].BuildId!.Value.Value);
    }

    public static TheoryData<Exception> WhatSaysNothingOfTheEnd =>
    [
        new BuildRunnerException("It cannot be cancelled."),
        new BuildRunnerException("Not now.") { IsTransient = true },
        new InvalidTimeZoneException(),
    ];

    [Theory]
    [MemberData(nameof(WhatSaysNothingOfTheEnd))]
    public async Task A_build_whose_cancel_fails_is_named(Exception failure)
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns(new BuildId("build-17"));
        runner.CancelAsync(Arg.Any<BuildId>(), Arg.Any<CancellationToken>()).ThrowsAsync(failure);

        var result = await RunAsync("T3: An id is never default", new StubHarness(runner));

        result.Outcome.Should().Be(ConformanceOutcome.Passed);
        result.Reason.Should().Contain("build-17");
    }

    [Fact]
    public async Task A_build_whose_status_is_no_snapshot_at_the_end_is_named()
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns(new BuildId("build-17"));
        runner.StatusAsync(Arg.Any<BuildId>(), Arg.Any<CancellationToken>()).Returns(Task.FromResult<BuildSnapshot>(null!));

        var result = await RunAsync("T3: An id is never default", new StubHarness(runner));

        result.Outcome.Should().Be(ConformanceOutcome.Passed);
        result.Reason.Should().Contain("build-17");
    }

    [Fact]
    public async Task A_build_that_the_runner_does_not_know_at_the_end_is_not_named()
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns(new BuildId("build-17"));
        runner.CancelAsync(Arg.Any<BuildId>(), Arg.Any<CancellationToken>()).ThrowsAsync(new BuildNotFoundException());

        var result = await RunAsync("T3: An id is never default", new StubHarness(runner));

        (result.Outcome, result.Reason).Should().Be((ConformanceOutcome.Passed, ""));
    }

    [Fact]
    public async Task A_build_whose_trigger_was_not_answered_is_found_by_its_key_and_stopped()
    {
        FakeBuildRunner runner = new();
        runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        StubHarness harness = new(runner, BuildRunnerCapabilities.FindsByKey)
        {
            Injections = () => Task.FromResult<ConformanceInjection?>(new(runner.NextTrigger(FakeFailure.AnswerLost()).Reached, static () => ValueTask.CompletedTask)),
        };

        var result = await RunAsync("T7: After a lost answer the build is found by its key", harness);

        (result.Outcome, result.Reason).Should().Be((ConformanceOutcome.Passed, ""));
        runner.Cancels.Should().Equal(runner.Triggers.Select(static trigger => trigger.BuildId!.Value));
    }

    [Fact(Timeout = 600_000)]
    public async Task A_build_that_no_cancel_stops_is_in_the_report()
    {
        FakeBuildRunner runner = new();
        runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });

        var report = await Conformance.RunAllAsync(new StubHarness(runner), TestContext.Current.CancellationToken);

        var reason = report.Results.First(static result => result is { Outcome: ConformanceOutcome.Passed, Reason.Length: > 0 }).Reason;
        report.ToString().Should().Contain($"passed: {reason}");
        report.ToMarkdown().Should().Contain($"passed: {reason}");
    }

    [Fact(Timeout = 600_000)]
    public async Task A_runner_that_blocks_its_caller_does_not_block_the_kit()
    {
        using ManualResetEventSlim never = new();
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            never.Wait(TestContext.Current.CancellationToken);
            return new BuildId("build");
        });

        var result = await Case("T3: An id is never default").RunAsync(new StubHarness(runner), TestContext.Current.CancellationToken);
        never.Set();

        result.Outcome.Should().Be(ConformanceOutcome.Failed);
    }

    [Fact]
    public async Task A_reason_does_not_show_what_the_runner_has_let_out()
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).ThrowsAsync(new InvalidTimeZoneException("POST with hunter2 failed"));

        var result = await RunAsync("T3: An id is never default", new StubHarness(runner) { Credentials = ["hunter2"] });

        result.Reason.Should().NotBeEmpty().And.NotContain("hunter2");
    }

    public static TheoryData<BuildRequest> NoRequests =>
    [
        new BuildRequest(),
        new BuildRequest { Head = [new Change("my:head")], Base = [new Change("my:base")] },
        new BuildRequest { Head = [new Change("my:head")], TriggerKey = "key" },
        new BuildRequest { Head = [new Change("my:head")], Metadata = [new("key", "value")] },
    ];

    [Theory]
    [MemberData(nameof(NoRequests))]
    public async Task A_request_that_is_not_as_the_kit_needs_it_is_a_fault_of_the_harness(BuildRequest request)
    {
        var result = await RunAsync("T3: An id is never default", new StubHarness(new NoopBuildRunner()) { Requests = _ => request });

        (result.Outcome, result.EndedEarly).Should().Be((ConformanceOutcome.Failed, true));
    }

    [Fact]
    public async Task A_request_that_is_given_twice_is_a_fault_of_the_harness()
    {
        StubHarness harness = new(new FakeBuildRunner(), BuildRunnerCapabilities.FindsByKey) { Requests = static _ => new BuildRequest { Head = [new Change("my:change")] } };

        var result = await RunAsync("T7: The same key with another head is refused", harness);

        (result.Outcome, result.EndedEarly).Should().Be((ConformanceOutcome.Failed, true));
    }

    [Fact(Timeout = 600_000)]
    public async Task A_runner_whose_cancel_does_not_come_back_does_not_hold_the_case_up()
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns(new BuildId("build"));
        runner.CancelAsync(Arg.Any<BuildId>(), Arg.Any<CancellationToken>()).Returns(new TaskCompletionSource().Task);

        var result = await Case("T3: An id is never default").RunAsync(new StubHarness(runner), TestContext.Current.CancellationToken);

        result.Outcome.Should().Be(ConformanceOutcome.Passed);
    }

    [Fact]
    public async Task A_wait_that_throws_is_not_lost()
    {
        ThrowingHarness harness = new();

        Func<Task> act = () => harness.WaitForCallAsync(new TaskCompletionSource().Task, TestContext.Current.CancellationToken);

        await act.Should().ThrowAsync<InvalidTimeZoneException>();
    }

    [Fact]
    public void An_injection_refuses_null()
    {
        Action[] acts = [() => _ = new ConformanceInjection(null!, static () => ValueTask.CompletedTask), () => _ = new ConformanceInjection(Task.CompletedTask, null!)];

        acts.Should().AllSatisfy(act => act.Should().ThrowExactly<ArgumentNullException>());
    }

    private static Task<ConformanceResult> RunAsync(string name, ConformanceHarness harness) => Case(name).RunAsync(harness, TestContext.Current.CancellationToken);

    private static ConformanceCase Case(string name) => Conformance.Cases.Single(conformanceCase => conformanceCase.Name == name);

    private sealed class StuckHarness : FakeHarness
    {
        public override Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => Task.FromResult<int?>(0);
    }

    /// <summary>Behaves like Buildbot, which accepts a cancel and does nothing while a build is being started.</summary>
    private sealed class LosesFirstCancel(IBuildRunner inner) : DelegatingBuildRunner(inner)
    {
        private int _cancels;

        public override Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
            ++_cancels == 1 ? Task.CompletedTask : base.CancelAsync(buildId, cancellationToken);
    }

    private sealed class ThrowingHarness : ConformanceHarness
    {
        public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.None;

        public override IBuildRunner CreateRunner() => new NoopBuildRunner();

        public override async Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken) => null;

        public override Task WaitAsync(CancellationToken cancellationToken) => Task.FromException(new InvalidTimeZoneException());
    }
}
