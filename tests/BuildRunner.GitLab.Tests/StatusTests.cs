namespace BuildRunner.GitLab.Tests;

/// <summary>What the states of a pipeline are reported as.</summary>
public sealed class StatusTests
{
    [Theory]
    [InlineData("created", BuildStatus.Accepted, null)]
    [InlineData("waiting_for_resource", BuildStatus.Accepted, null)]
    [InlineData("preparing", BuildStatus.Accepted, null)]
    [InlineData("waiting_for_callback", BuildStatus.Accepted, null)]
    [InlineData("pending", BuildStatus.Accepted, null)]
    [InlineData("scheduled", BuildStatus.Accepted, null)]
    [InlineData("running", BuildStatus.Running, null)]
    [InlineData("canceling", BuildStatus.Running, null)]
    [InlineData("manual", BuildStatus.Running, null)]
    [InlineData("success", BuildStatus.Succeeded, null)]
    [InlineData("failed", BuildStatus.Failed, "code")]
    [InlineData("canceled", BuildStatus.Cancelled, null)]
    [InlineData("skipped", BuildStatus.Failed, "skipped")]
    [InlineData("pondering", BuildStatus.Unknown, null)]
    [InlineData("SUCCESS", BuildStatus.Unknown, null)]
    [InlineData("", BuildStatus.Unknown, null)]
    [InlineData(null, BuildStatus.Unknown, null)]
    public async Task Each_state_has_its_status(string? state, BuildStatus expected, string? failureKind)
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        pipeline.Set(setup.GitLab.Now, state);

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Status.Should().Be(expected);
        snapshot.Metadata[BuildMetadataKeys.NativeState].Should().Be(state ?? "");
        snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind).Should().Be(failureKind);
        snapshot.Metadata[BuildMetadataKeys.Url].Should().Be($"https://gitlab.test/acme/shop/-/pipelines/{buildId}");
    }

    [Fact]
    public async Task A_pipeline_that_waits_for_a_person_has_failed_as_blocked_if_the_option_says_so()
    {
        await using GitLabSetup setup = new(static options => options.FailsWhenManual = true);
        var (buildId, pipeline) = await setup.TriggerAsync();
        pipeline.Set(setup.GitLab.Now, "manual");

        var snapshot = await setup.Runner.StatusAsync(buildId);

        (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.FailureKind]).Should().Be((BuildStatus.Failed, BuildFailureKinds.Blocked));
    }

    [Theory]
    [InlineData("script_failure", "code")]
    [InlineData("trace_size_exceeded", "code")]
    [InlineData("invalid_bridge_trigger", "code")]
    [InlineData("downstream_pipeline_creation_failed", "code")]
    [InlineData("reached_max_descendant_pipelines_depth", "code")]
    [InlineData("pipeline_loop_detected", "code")]
    [InlineData("job_execution_timeout", "timeout")]
    [InlineData("stuck_or_timeout_failure", "timeout")]
    [InlineData(null, "infra")]
    [InlineData("unknown_failure", "infra")]
    [InlineData("api_failure", "infra")]
    [InlineData("runner_system_failure", "infra")]
    [InlineData("missing_dependency_failure", "infra")]
    [InlineData("runner_unsupported", "infra")]
    [InlineData("stale_schedule", "infra")]
    [InlineData("archived_failure", "infra")]
    [InlineData("scheduler_failure", "infra")]
    [InlineData("data_integrity_failure", "infra")]
    [InlineData("project_deleted", "infra")]
    [InlineData("ci_quota_exceeded", "infra")]
    [InlineData("no_matching_runner", "infra")]
    [InlineData("builds_disabled", "infra")]
    [InlineData("secrets_provider_not_found", "infra")]
    [InlineData("unmet_prerequisites", "infra")]
    [InlineData("a_reason_of_2031", "infra")]
    [InlineData("user_blocked", "blocked")]
    [InlineData("forward_deployment_failure", "blocked")]
    [InlineData("protected_environment_failure", "blocked")]
    [InlineData("insufficient_bridge_permissions", "blocked")]
    [InlineData("downstream_bridge_project_not_found", "blocked")]
    public async Task The_reason_of_the_job_that_failed_is_why_the_pipeline_has(string? reason, string failureKind)
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync("Fails");
        pipeline.Jobs =
        [
            .. Enumerable.Range(1, 120).Select(static id => GitLabAnswers.Job(id, "good", "success")),
            GitLabAnswers.Job(121, "optional", "failed", "script_failure", allowFailure: true),
            GitLabAnswers.Job(122, "stopped", "canceled", "script_failure"),
            GitLabAnswers.Job(123, "bad", "failed", reason),
        ];

        (await setup.Runner.StatusAsync(buildId)).Metadata[BuildMetadataKeys.FailureKind].Should().Be(failureKind);
    }

    [Theory]
    [InlineData("runner_system_failure", "script_failure", "code")]
    [InlineData("job_execution_timeout", "job_execution_timeout", "timeout")]
    [InlineData("job_execution_timeout", "runner_system_failure", "infra")]
    [InlineData("user_blocked", "job_execution_timeout", "infra")]
    public async Task Of_several_jobs_one_that_the_code_broke_is_enough(string one, string other, string failureKind)
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync("Fails");
        pipeline.Jobs = [GitLabAnswers.Job(1, "one", "failed", one)];
        pipeline.Bridges = [GitLabAnswers.Job(2, "other", "failed", other)];

        (await setup.Runner.StatusAsync(buildId)).Metadata[BuildMetadataKeys.FailureKind].Should().Be(failureKind);
    }

    [Fact]
    public async Task Without_a_job_that_failed_nothing_blames_the_code()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync("Fails");
        pipeline.Jobs = [];

        (await setup.Runner.StatusAsync(buildId)).Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Infra);
    }

    [Fact]
    public async Task A_pipeline_that_was_retried_stays_as_it_first_ended()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync("Fails");
        var ended = await setup.Runner.StatusAsync(buildId);
        pipeline.Set(setup.GitLab.Now, "running");
        setup.Time.Advance(TimeSpan.FromSeconds(5));

        (await setup.Runner.StatusAsync(buildId)).Should().Be(ended);
        (await setup.Reader.StatusAsync(buildId, TimeSpan.Zero)).Should().Be(ended);
    }

    [Fact]
    public async Task Metadata_comes_back_unless_the_token_may_not_read_variables()
    {
        await using GitLabSetup setup = new();
        var request = GitLabSetup.Request() with { Metadata = [new("queue", "100 % of $HOME")] };
        var buildId = await setup.Runner.TriggerAsync(request);

        var snapshot = await setup.CreateRunner().StatusAsync(buildId);
        setup.GitLab.HidesVariables = true;
        var hidden = await setup.CreateRunner().StatusAsync(buildId);

        snapshot.Metadata["queue"].Should().Be("100 % of $HOME");
        hidden.Metadata.Keys.Should().NotContain("queue");
        hidden.Status.Should().Be(BuildStatus.Accepted);
    }

    [Theory]
    [InlineData("Succeeds")]
    [InlineData("Fails")]
    public async Task A_pipeline_whose_request_was_dropped_proves_nothing(string kind)
    {
        await using GitLabSetup setup = new();
        setup.GitLab.MaxVariable = 100;
        var buildId = await setup.Runner.TriggerAsync(GitLabSetup.Request(kind));
        var pipeline = setup.GitLab.PipelineOf(buildId);
        pipeline.Set(setup.GitLab.Now, kind == "Fails" ? "failed" : "success");

        var snapshot = await setup.Runner.StatusAsync(buildId);

        pipeline.Variables.Keys.Should().Contain("BUILD_KEY").And.NotContain("BUILD_REQUEST");
        (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.FailureKind]).Should().Be((BuildStatus.Failed, BuildFailureKinds.Infra));
    }

    [Fact]
    public async Task A_pipeline_whose_variables_are_not_there_yet_has_lost_nothing()
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync("Succeeds");
        setup.GitLab.Fail(static request => request.Path.EndsWith("/variables", StringComparison.Ordinal),
            FakeReply.Json(404, GitLabAnswers.Message("404 Not found")));

        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_new_pipeline_that_cannot_be_read_yet_is_accepted()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.ReadLag = TimeSpan.FromSeconds(5);
        var buildId = await setup.Runner.TriggerAsync(GitLabSetup.Request());

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
        setup.Time.Advance(TimeSpan.FromSeconds(5));
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task A_pipeline_that_was_deleted_is_not_found_and_a_hidden_project_is_the_setup()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        setup.Time.Advance(TimeSpan.FromMinutes(2));
        setup.GitLab.Remove(pipeline);
        var act = () => setup.Runner.StatusAsync(buildId);

        await act.Should().ThrowExactlyAsync<BuildNotFoundException>();
        setup.GitLab.IsHidden = true;
        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    [Theory]
    [InlineData("../../../user")]
    [InlineData("12/cancel")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("12-0b5e2a9c")]
    public async Task An_id_of_another_form_is_not_found_and_never_sent(string id)
    {
        await using GitLabSetup setup = new();

        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(new BuildId(id))).Should().ThrowExactlyAsync<BuildNotFoundException>();
        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(new BuildId(id))).Should().ThrowExactlyAsync<BuildNotFoundException>();
        setup.GitLab.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Unknown_and_missing_members_do_not_matter()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.VariesMembers = true;
        var (buildId, _) = await setup.TriggerAsync();

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
    }
}
