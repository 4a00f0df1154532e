using System.Text.Json.Nodes;

namespace BuildRunner.Buildkite.Tests;

/// <summary>What a build is told to be.</summary>
public sealed class StatusTests
{
    [Theory]
    [InlineData("creating", false, BuildStatus.Accepted, null)]
    [InlineData("scheduled", false, BuildStatus.Accepted, null)]
    [InlineData("waiting", false, BuildStatus.Accepted, null)]
    [InlineData("running", false, BuildStatus.Running, null)]
    [InlineData("failing", false, BuildStatus.Running, null)]
    [InlineData("canceling", false, BuildStatus.Running, null)]
    [InlineData("passed", false, BuildStatus.Succeeded, null)]
    [InlineData("failed", false, BuildStatus.Failed, "code")]
    [InlineData("waiting_failed", false, BuildStatus.Failed, "code")]
    [InlineData("canceled", false, BuildStatus.Cancelled, null)]
    [InlineData("skipped", false, BuildStatus.Failed, "skipped")]
    [InlineData("not_run", false, BuildStatus.Failed, "skipped")]
    [InlineData("passed", true, BuildStatus.Running, null)]
    [InlineData("failed", true, BuildStatus.Running, null)]
    [InlineData("running", true, BuildStatus.Running, null)]
    [InlineData("blocked", true, BuildStatus.Running, null)]
    [InlineData("blocked", false, BuildStatus.Running, null)]
    [InlineData("scheduled", true, BuildStatus.Accepted, null)]
    [InlineData("canceled", true, BuildStatus.Cancelled, null)]
    [InlineData("finished", false, BuildStatus.Unknown, null)]
    [InlineData("pondering", false, BuildStatus.Unknown, null)]
    [InlineData("PASSED", false, BuildStatus.Unknown, null)]
    [InlineData(null, false, BuildStatus.Unknown, null)]
    public async Task Each_state_has_its_status(string? state, bool blocked, BuildStatus expected, string? failureKind)
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(setup.Time.GetUtcNow(), state, blocked);

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Status.Should().Be(expected);
        snapshot.Metadata[BuildMetadataKeys.NativeState].Should().Be(blocked && state != "blocked" ? $"{state}/blocked" : state ?? "");
        snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind).Should().Be(failureKind);
        snapshot.Metadata[BuildMetadataKeys.Url].Should().Be("https://buildkite.test/acme/verify/builds/1");
        snapshot.Metadata["buildkite_id"].Should().Be(build.Id.ToString());
    }

    [Theory]
    [InlineData("passed", true)]
    [InlineData("failed", true)]
    [InlineData("running", true)]
    [InlineData("blocked", false)]
    public async Task A_build_that_is_blocked_has_failed_where_the_options_say_so(string state, bool blocked)
    {
        await using BuildkiteSetup setup = new(static options => options.FailsBlockedBuilds = true);
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(setup.Time.GetUtcNow(), state, blocked);

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Status.Should().Be(BuildStatus.Failed);
        snapshot.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Blocked);
    }

    [Fact]
    public async Task A_build_that_is_unblocked_goes_on()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(setup.Time.GetUtcNow(), "passed", blocked: true);
        var blocked = await setup.Runner.StatusAsync(buildId);
        build.Set(setup.Time.GetUtcNow(), "passed");
        setup.Time.Advance(TimeSpan.FromMinutes(1));

        var passed = await setup.Runner.StatusAsync(buildId);

        (blocked.Status, passed.Status).Should().Be((BuildStatus.Running, BuildStatus.Succeeded));
    }

    [Theory]
    [InlineData("failed", 1, null, "connected", false, "code")]
    [InlineData("failed", 127, null, "lost", false, "code")]
    [InlineData("failed", 255, null, "connected", false, "code")]
    [InlineData("failed", 255, null, "lost", false, "infra")]
    [InlineData("failed", null, null, "lost", false, "infra")]
    [InlineData("failed", null, null, "connected", false, "code")]
    [InlineData("failed", -1, null, "connected", false, "infra")]
    [InlineData("failed", 75, null, "connected", false, "infra")]
    [InlineData("failed", -1, "agent_stop", "lost", false, "infra")]
    [InlineData("failed", 143, "agent_stop", "connected", false, "infra")]
    [InlineData("failed", 1, "agent_refused", "connected", false, "infra")]
    [InlineData("failed", 1, "process_run_error", "connected", false, "infra")]
    [InlineData("failed", 1, "signature_rejected", "connected", false, "infra")]
    [InlineData("failed", 1, "stack_error", "connected", false, "infra")]
    [InlineData("failed", 1, "agent_incompatible", "connected", false, "infra")]
    [InlineData("failed", 143, "cancel", "connected", false, "code")]
    [InlineData("timed_out", 143, "cancel", "connected", false, "timeout")]
    [InlineData("expired", null, null, "connected", false, "timeout")]
    [InlineData("timed_out", 143, null, "connected", true, "code")]
    [InlineData("failed", -1, "agent_stop", "lost", true, "code")]
    [InlineData("broken", null, null, "connected", false, "code")]
    public async Task The_jobs_say_why_a_build_has_failed(
        string state, int? exitStatus, string? signalReason, string connection, bool isSoft, string failureKind)
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Fails");
        build.Jobs = () => [JobOf(setup, build, 1, "passed"), JobOf(setup, build, 2, state, exitStatus, signalReason, connection, isSoft)];

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Status.Should().Be(BuildStatus.Failed);
        snapshot.Metadata[BuildMetadataKeys.FailureKind].Should().Be(failureKind);
    }

    [Theory]
    [InlineData(-1, "timed_out", 1, "code")]
    [InlineData(-1, "timed_out", -1, "timeout")]
    [InlineData(-1, "failed", -1, "infra")]
    public async Task Of_several_jobs_the_one_that_the_change_has_broken_counts(int first, string second, int third, string failureKind)
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Fails");
        build.Jobs = () =>
            [JobOf(setup, build, 1, "failed", first), JobOf(setup, build, 2, second, -1), JobOf(setup, build, 3, "failed", third)];

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Metadata[BuildMetadataKeys.FailureKind].Should().Be(failureKind);
    }

    [Fact]
    public async Task A_job_that_was_retried_does_not_count()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Fails");
        build.Jobs = () =>
        {
            var retried = JobOf(setup, build, 1, "failed", 1);
            (retried["retried"], retried["retried_in_job_id"]) = (true, BuildkiteAnswers.JobId(build, 2));
            return [retried, JobOf(setup, build, 2, "failed", -1, "agent_stop", "lost")];
        };

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Infra);
    }

    [Fact]
    public async Task A_build_whose_jobs_are_retried_is_told_as_it_was_seen_to_end()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Fails");
        var ended = await setup.Runner.StatusAsync(buildId);
        build.RetryFailedJobs(setup.Time.GetUtcNow());
        setup.Time.Advance(TimeSpan.FromSeconds(5));

        (await setup.Runner.StatusAsync(buildId)).Should().Be(ended);
        (await setup.Reader.StatusAsync(buildId, TimeSpan.Zero)).Should().Be(ended);
        ended.Status.Should().Be(BuildStatus.Failed);
        (await setup.CreateRunner().StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running, "Buildkite itself counts no attempts");
    }

    [Fact]
    public async Task A_cancelled_build_says_why()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Cancel(setup.Time.GetUtcNow(), "Superseded by a newer build");
        setup.Time.Advance(TimeSpan.FromSeconds(5));

        (await setup.Runner.StatusAsync(buildId)).Metadata["cancel_reason"].Should().Be("Superseded by a newer build");
    }

    [Fact]
    public async Task Metadata_of_the_request_comes_back_also_after_a_restart_and_at_the_end()
    {
        await using BuildkiteSetup setup = new();
        var request = BuildkiteSetup.Request() with { Metadata = [new("queue", "main"), new(BuildMetadataKeys.NativeState, "mine")] };
        var buildId = await setup.Runner.TriggerAsync(request);
        setup.Time.Advance(TimeSpan.FromSeconds(5));

        var running = await setup.CreateRunner().StatusAsync(buildId);
        setup.Buildkite.BuildOf(buildId).Set(setup.Time.GetUtcNow(), "passed");
        var ended = await setup.CreateRunner().StatusAsync(buildId);

        (running.Metadata["queue"], ended.Metadata["queue"]).Should().Be(("main", "main"));
        running.Metadata[BuildMetadataKeys.NativeState].Should().Be("running");
    }

    [Fact]
    public async Task A_build_that_is_not_there_is_not_found_and_a_hidden_pipeline_is_the_setup()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        setup.Buildkite.Remove(build);
        var act = () => setup.Runner.StatusAsync(buildId);

        await act.Should().ThrowExactlyAsync<BuildNotFoundException>();
        setup.Buildkite.IsHidden = true;
        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    [Theory]
    [InlineData("../../../user")]
    [InlineData("verify/12/cancel")]
    [InlineData("verify/-1")]
    [InlineData("verify/01")]
    [InlineData("verify/99999999999999999999")]
    [InlineData("deploy/1")]
    [InlineData("1")]
    public async Task An_id_of_another_form_or_pipeline_is_not_found_and_never_sent(string id)
    {
        await using BuildkiteSetup setup = new();

        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(new BuildId(id))).Should().ThrowExactlyAsync<BuildNotFoundException>();
        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(new BuildId(id))).Should().ThrowExactlyAsync<BuildNotFoundException>();
        await FluentActions.Awaiting(() => setup.Runner.OpenLogAsync(new BuildId(id))).Should().ThrowExactlyAsync<BuildNotFoundException>();
        setup.Buildkite.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_proxy_that_stands_in_changes_nothing()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Buildkite.Fail(static _ => true, FakeReply.Html(502), stays: true);
        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        setup.Buildkite.MendAll();
        setup.Buildkite.Fail(static _ => true, FakeReply.Html(404));

        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().NotThrowAsync()).Which.Status.Should()
            .Be(BuildStatus.Running);
    }

    [Fact]
    public async Task Unknown_and_missing_members_are_no_matter()
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.VariesMembers = true;
        var (buildId, build) = await setup.TriggerAsync(key: "key");

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        build.Set(setup.Time.GetUtcNow(), "failed");
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Failed);
        (await setup.CreateRunner().FindAsync("key")).Should().Be(buildId);
    }

    private static JsonObject JobOf(
        BuildkiteSetup setup, FakeBuild build, int index, string state, int? exitStatus = 0, string? signalReason = null,
        string connection = "connected", bool isSoft = false)
    {
        var job = BuildkiteAnswers.Job(setup.Buildkite, build, index, $"job {index}", state, exitStatus);
        (job["signal_reason"], job["agent"]!["connection_state"], job["soft_failed"]) = (signalReason, connection, isSoft);
        return job;
    }
}
