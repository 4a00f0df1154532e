namespace BuildRunner.Testing.Tests;

/// <summary>The kit with harnesses that provide hooks, and with those that do not.</summary>
public sealed class ConformanceHarnessTests
{
    private static ConformanceCase StatusResolves => Case("T5: Status resolves as soon as Trigger has returned");

    [Fact]
    public async Task The_noop_skips_what_it_does_not_declare_and_what_its_harness_lacks()
    {
        var report = await Conformance.RunAllAsync(new NoopHarness(), TestContext.Current.CancellationToken);

        report.Conforms.Should().BeTrue();
        report.Results.Where(result => result.Outcome == ConformanceOutcome.Passed).Select(result => result.Case.Name).Should().Equal(
            "T3: An id is never default",
            "T3: Ids are unique under concurrency",
            "T3: An id is not used again when its build has ended",
            "T4: A null request is refused",
            "T5: Status resolves as soon as Trigger has returned",
            "T6: No key of metadata changes what becomes of a build",
            "T7: IBuildFinder is there if, and only if, the runner finds by key",
            "T7: Nothing but a key that the runner goes by gives the same build",
            "S1: A default id is refused",
            "C2: Cancel of a build that has succeeded does nothing",
            "C2: Cancel may be repeated",
            "C2: A default id is refused",
            "A1: Every member may be called concurrently",
            "A1: One build may be asked for concurrently",
            "A2: A cancelled token ends a call by itself or not at all");
        report.Results.Should().NotContain(result => result.Outcome == ConformanceOutcome.Failed);
    }

    [Fact]
    public async Task A_skip_says_why()
    {
        var report = await Conformance.RunAllAsync(new NoopHarness(), TestContext.Current.CancellationToken);

        report.Results.Should().OnlyContain(result => result.Reason.Length > 0 == (result.Outcome == ConformanceOutcome.Skipped));
    }

    [Fact]
    public async Task A_harness_that_can_prove_nothing_does_not_conform()
    {
        StubHarness harness = new(new NoopBuildRunner()) { Requests = static _ => null };

        var report = await Conformance.RunAllAsync(harness, TestContext.Current.CancellationToken);

        report.Conforms.Should().BeFalse();
    }

    [Theory]
    [InlineData(ConformanceBuild.Succeeds, BuildRunnerCapabilities.None, ConformanceOutcome.Failed)]
    [InlineData(ConformanceBuild.Rejected, BuildRunnerCapabilities.All, ConformanceOutcome.Skipped)]
    [InlineData(ConformanceBuild.IgnoresCancel, BuildRunnerCapabilities.All, ConformanceOutcome.Skipped)]
    [InlineData(ConformanceBuild.Fails, BuildRunnerCapabilities.RunsBuilds, ConformanceOutcome.Failed)]
    [InlineData(ConformanceBuild.RunsLong, BuildRunnerCapabilities.RunsBuilds, ConformanceOutcome.Failed)]
    public async Task A_request_that_the_capabilities_need_is_not_left_out(ConformanceBuild missing, BuildRunnerCapabilities capabilities, ConformanceOutcome expected)
    {
        StubHarness harness = new(new FakeBuildRunner(), capabilities) { Requests = build => build == missing ? null : new BuildRequest { Head = [new Change($"my:{Guid.NewGuid()}")] } };
        var needing = Case(missing switch
        {
            ConformanceBuild.Succeeds => "T3: An id is never default",
            ConformanceBuild.Rejected => "T4: A rejected request throws and is not transient",
            ConformanceBuild.IgnoresCancel => "C1: Cancel returns before the build has stopped",
            ConformanceBuild.Fails => "S4: A build that fails is Failed",
            _ => "T2: Trigger returns before the build has ended",
        });

        var result = await needing.RunAsync(harness, TestContext.Current.CancellationToken);

        result.Outcome.Should().Be(expected);
    }

    [Fact]
    public async Task A_case_that_needs_more_than_is_declared_is_skipped_before_anything_is_done()
    {
        var runner = Substitute.For<IBuildRunner>();

        foreach (var conformanceCase in Conformance.Cases.Where(conformanceCase => conformanceCase.Requires != BuildRunnerCapabilities.None))
        {
            var result = await conformanceCase.RunAsync(new StubHarness(runner), TestContext.Current.CancellationToken);

            result.Outcome.Should().Be(ConformanceOutcome.Skipped);
        }

        runner.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public async Task A_runner_that_throws_anything_fails_its_case()
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns<Task<BuildId>>(_ => throw new InvalidTimeZoneException());

        var result = await StatusResolves.RunAsync(new StubHarness(runner), TestContext.Current.CancellationToken);

        result.Outcome.Should().Be(ConformanceOutcome.Failed);
    }

    [Fact(Timeout = 600_000)]
    public async Task A_call_that_never_comes_back_fails_its_case_after_so_many_waits()
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns(new TaskCompletionSource<BuildId>().Task);
        StubHarness harness = new(runner);

        var result = await StatusResolves.RunAsync(harness, TestContext.Current.CancellationToken);

        (result.Outcome, harness.Waits).Should().Be((ConformanceOutcome.Failed, harness.MaxWaits));
    }

    [Fact]
    public async Task A_build_that_never_ends_fails_its_case_after_so_many_waits()
    {
        FakeBuildRunner runner = new();
        runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        StubHarness harness = new(runner, BuildRunnerCapabilities.RunsBuilds) { WaitsForCalls = true };

        var result = await Case("S3: A build that has succeeded stays so").RunAsync(harness, TestContext.Current.CancellationToken);

        (result.Outcome, harness.Waits).Should().Be((ConformanceOutcome.Failed, harness.MaxWaits));
    }

    [Fact]
    public async Task No_time_passes_for_a_call_that_comes_back()
    {
        StubHarness harness = new(new NoopBuildRunner());

        await harness.WaitForCallAsync(Task.CompletedTask, TestContext.Current.CancellationToken);

        harness.Waits.Should().Be(0);
    }

    [Fact(Timeout = 600_000)]
    public async Task The_token_ends_a_case_that_waits_for_a_call()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            stop.Cancel();
            return new TaskCompletionSource<BuildId>().Task;
        });

        Func<Task> act = () => StatusResolves.RunAsync(new StubHarness(runner), stop.Token);

        (await act.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(stop.Token);
    }

    [Fact]
    public async Task Null_is_refused()
    {
        Func<Task>[] calls =
        [
            () => Conformance.RunAllAsync(null!),
            () => StatusResolves.RunAsync(null!),
            () => new StubHarness(new NoopBuildRunner()).WaitForCallAsync(null!, CancellationToken.None),
        ];

        await Task.WhenAll(calls.Select(call => call.Should().ThrowExactlyAsync<ArgumentNullException>()));
    }

    private static ConformanceCase Case(string name) => Conformance.Cases.Single(conformanceCase => conformanceCase.Name == name);
}
