namespace BuildRunner.Jenkins.Tests;

/// <summary>What a build is told to be.</summary>
public sealed class StatusTests
{
    [Theory]
    [InlineData(true, true, null, BuildStatus.Running, "building", null)]
    [InlineData(true, true, "FAILURE", BuildStatus.Running, "building", null)]
    [InlineData(false, true, "SUCCESS", BuildStatus.Running, "building", null)]
    [InlineData(true, null, "UNSTABLE", BuildStatus.Running, "building", null)]
    [InlineData(null, true, "SUCCESS", BuildStatus.Running, "building", null)]
    [InlineData(false, false, "SUCCESS", BuildStatus.Succeeded, "SUCCESS", null)]
    [InlineData(false, null, "SUCCESS", BuildStatus.Succeeded, "SUCCESS", null)]
    [InlineData(false, false, "UNSTABLE", BuildStatus.Failed, "UNSTABLE", "code")]
    [InlineData(false, false, "FAILURE", BuildStatus.Failed, "FAILURE", "code")]
    [InlineData(false, false, "NOT_BUILT", BuildStatus.Failed, "NOT_BUILT", "skipped")]
    [InlineData(false, false, "ABORTED", BuildStatus.Cancelled, "ABORTED", null)]
    [InlineData(false, false, null, BuildStatus.Unknown, "", null)]
    [InlineData(false, false, "PONDERED", BuildStatus.Unknown, "PONDERED", null)]
    [InlineData(false, false, "success", BuildStatus.Unknown, "success", null)]
    [InlineData(null, null, "SUCCESS", BuildStatus.Unknown, "SUCCESS", null)]
    [InlineData(null, false, "FAILURE", BuildStatus.Unknown, "FAILURE", null)]
    public async Task Each_state_of_a_build_has_its_status_alone_and_in_a_list(
        bool? building, bool? inProgress, string? result, BuildStatus expected, string native, string? failureKind)
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        build.Set(building, inProgress, result);
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        var listed = await setup.Runner.StatusAsync(buildId);
        var alone = await setup.CreateRunner().StatusAsync(buildId);

        setup.Paths.Should().Contain("GET /job/team/job/verify/api/json");
        foreach (var snapshot in new[] { listed, alone })
        {
            snapshot.Status.Should().Be(expected);
            snapshot.Metadata[BuildMetadataKeys.NativeState].Should().Be(native);
            snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind).Should().Be(failureKind);
            snapshot.Metadata[BuildMetadataKeys.Url].Should().Be($"https://ci.test/job/team/job/verify/{build.Number}/");
        }
    }

    [Fact]
    public async Task A_build_that_is_unstable_succeeds_where_the_options_say_so()
    {
        await using JenkinsSetup setup = new(static options => options.UnstableSucceeds = true);
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(building: false, inProgress: false, "UNSTABLE");

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Status.Should().Be(BuildStatus.Succeeded);
        snapshot.Metadata.ContainsKey(BuildMetadataKeys.FailureKind).Should().BeFalse();
        snapshot.Metadata[BuildMetadataKeys.NativeState].Should().Be("UNSTABLE");
    }

    [Theory]
    [InlineData("waiting")]
    [InlineData("blocked")]
    [InlineData("buildable")]
    public async Task An_item_of_the_queue_is_accepted_alone_and_in_a_list(string stage)
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, build) = await setup.TriggerAsync();
        build.Stage = stage;

        foreach (var runner in new[] { setup.Runner, setup.CreateRunner() })
        {
            var snapshot = await runner.StatusAsync(buildId);

            snapshot.Status.Should().Be(BuildStatus.Accepted);
            snapshot.Metadata[BuildMetadataKeys.NativeState].Should().Be(stage);
            snapshot.Metadata.ContainsKey(BuildMetadataKeys.Url).Should().BeFalse();
        }

        setup.Paths.Should().Contain("GET /queue/api/json").And.Contain($"GET /queue/item/{build.QueueId}/api/json");
    }

    [Fact]
    public async Task An_item_that_has_left_the_queue_without_a_build_is_accepted_until_it_has_one()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.ExecutableLag = TimeSpan.FromSeconds(30);
        setup.Jenkins.ReadLag = TimeSpan.FromSeconds(30);
        var (buildId, _) = await setup.TriggerAsync();

        var early = await setup.Runner.StatusAsync(buildId);
        setup.Jenkins.ExecutableLag = TimeSpan.Zero;
        var named = await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(30));
        var readable = await setup.Runner.StatusAsync(buildId);

        (early.Status, early.Metadata[BuildMetadataKeys.NativeState]).Should().Be((BuildStatus.Accepted, "left"));
        (named.Status, named.Metadata[BuildMetadataKeys.NativeState]).Should().Be((BuildStatus.Accepted, "left"));
        readable.Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task An_executable_without_a_number_is_no_build_yet()
    {
        await using JenkinsSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Jenkins.Answer(static request => request.Path.Contains("/queue/item/", StringComparison.Ordinal), static (_, own) =>
            own with { Body = System.Text.RegularExpressions.Regex.Replace(own.Body, "\"executable\":{[^}]*}", "\"executable\":{}") });

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task An_item_that_was_cancelled_in_the_queue_has_ended()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, build) = await setup.TriggerAsync();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
        (build.LeftAt, build.IsCancelled) = (setup.Time.GetUtcNow(), true);
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        var snapshot = await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(6));

        (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.NativeState]).Should().Be((BuildStatus.Cancelled, "cancelled"));
        (await setup.Runner.StatusAsync(buildId)).Should().Be(snapshot, "what has ended stays as it ended");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(150)]
    [InlineData(700)]
    public async Task A_build_id_outlives_the_item_that_it_names_also_after_a_restart(int laterBuilds)
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        for (var later = 0; later < laterBuilds; later++)
        {
            setup.Jenkins.Add([]);
        }

        setup.Time.Advance(TimeSpan.FromMinutes(6));

        var snapshot = await setup.CreateRunner().StatusAsync(buildId);

        setup.Jenkins.Builds[^1].Number.Should().Be(build.Number + laterBuilds);
        snapshot.Status.Should().Be(BuildStatus.Running);
        snapshot.Metadata[BuildMetadataKeys.Url].Should().EndWith($"/{build.Number}/");
    }

    [Fact]
    public async Task A_build_that_is_not_there_is_not_looked_for_in_all_of_the_past()
    {
        await using JenkinsSetup setup = new();
        for (var earlier = 0; earlier < 1200; earlier++)
        {
            setup.Jenkins.Add([]);
        }

        var (buildId, build) = await setup.TriggerAsync();
        setup.Jenkins.Remove(build);

        await FluentActions.Awaiting(() => setup.CreateRunner().StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
        setup.CountOf("GET", "verify/api/json").Should().Be(3, "one is the check of the job");
    }

    [Fact]
    public async Task A_build_that_was_deleted_is_not_found_and_a_job_that_is_hidden_is_the_setup()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.Jenkins.Remove(build);
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        foreach (var runner in new[] { setup.Runner, setup.CreateRunner() })
        {
            var act = () => runner.StatusAsync(buildId);

            setup.Jenkins.IsHidden = false;
            await act.Should().ThrowExactlyAsync<BuildNotFoundException>();
            setup.Jenkins.IsHidden = true;
            setup.Time.Advance(TimeSpan.FromSeconds(2));
            await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        }
    }

    [Fact]
    public async Task An_answer_that_is_about_no_item_has_lost_nothing()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Succeeds");
        setup.Jenkins.Fail(static request => request.Path.StartsWith("/queue/item/", StringComparison.Ordinal),
            FakeReply.Json(200, new System.Text.Json.Nodes.JsonObject { ["status"] = "up" }));

        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
        build.Number.Should().Be(7);
    }

    [Fact]
    public async Task An_item_or_a_build_that_has_the_number_of_ours_is_not_taken_for_it()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, _) = await setup.TriggerAsync();
        var queueId = setup.Jenkins.Builds[0].QueueId;
        setup.Jenkins.Restart(isKilled: true, lastItem: queueId - 1);
        var other = setup.CreateRunner();
        var otherId = await other.TriggerAsync(JenkinsSetup.Request());

        otherId.Value.Should().StartWith($"{queueId}-").And.NotBe(buildId.Value);
        await FluentActions.Awaiting(() => other.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
        setup.Jenkins.IsQuietingDown = false;
        setup.Time.Advance(TimeSpan.FromMinutes(6));
        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
        (await other.StatusAsync(otherId)).Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task A_number_that_belongs_to_another_build_is_not_taken_for_ours()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        setup.Jenkins.Remove(build);
        var other = setup.Jenkins.Add([]);
        setup.Time.Advance(TimeSpan.FromMinutes(6));
        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowAsync<BuildNotFoundException>();
        other.Number = build.Number;

        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    [Fact]
    public async Task A_controller_that_restarts_keeps_its_builds_and_one_that_is_starting_changes_nothing()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (queued, _) = await setup.TriggerAsync();
        setup.Jenkins.IsQuietingDown = false;
        var (running, _) = await setup.TriggerAsync();
        setup.Jenkins.IsQuietingDown = true;
        await setup.Runner.StatusAsync(queued);
        await setup.Runner.StatusAsync(running);
        var (late, _) = await setup.TriggerAsync();
        setup.Jenkins.Restart();
        setup.Jenkins.IsStarting = true;

        foreach (var buildId in new[] { queued, running, late })
        {
            (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
                .Which.IsTransient.Should().BeTrue();
        }

        setup.Jenkins.IsStarting = false;
        (await setup.Runner.StatusAsync(running)).Status.Should().Be(BuildStatus.Running);
        (await setup.CreateRunner().StatusAsync(running)).Status.Should().Be(BuildStatus.Running);
        (await setup.Runner.StatusAsync(late)).Status.Should().Be(BuildStatus.Accepted);
        setup.Jenkins.IsQuietingDown = false;
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        (await setup.Runner.StatusAsync(late)).Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task A_queue_that_a_killed_controller_has_lost_is_not_found()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.Jenkins.Restart(isKilled: true);
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    [Fact]
    public async Task A_build_stays_as_it_ended_also_if_Jenkins_says_otherwise_later()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Fails");
        var ended = await setup.Runner.StatusAsync(buildId);
        build.Set(building: true, inProgress: true, result: null);
        setup.Time.Advance(TimeSpan.FromMinutes(1));

        (await setup.Runner.StatusAsync(buildId)).Should().Be(ended);
        (await setup.Reader.StatusAsync(buildId, TimeSpan.Zero)).Should().Be(ended);
    }

    [Fact]
    public async Task The_request_s_metadata_comes_back()
    {
        await using JenkinsSetup setup = new();
        BuildRequest request = new() { Metadata = [new("queue", "main"), new("native_state", "mine")] };
        var buildId = await setup.Runner.TriggerAsync(request);

        for (var poll = 0; poll < 3; poll++)
        {
            var metadata = (await setup.Runner.StatusAsync(buildId)).Metadata;

            metadata["queue"].Should().Be("main");
            metadata["native_state"].Should().NotBe("mine");
            setup.Time.Advance(TimeSpan.FromSeconds(3));
        }
    }

    [Theory]
    [InlineData("../../../manage")]
    [InlineData("12/stop")]
    [InlineData("0-0b5e2a9c7d8f4e3a")]
    [InlineData("-1-0b5e2a9c7d8f4e3a")]
    [InlineData("99999999999999999999-0b5e2a9c7d8f4e3a")]
    [InlineData("12")]
    [InlineData("12-0b5e")]
    [InlineData("12-0B5E2A9C7D8F4E3A")]
    public async Task An_id_that_is_none_is_not_found_and_never_sent(string id)
    {
        await using JenkinsSetup setup = new();

        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(new BuildId(id))).Should().ThrowExactlyAsync<BuildNotFoundException>();
        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(new BuildId(id))).Should().ThrowExactlyAsync<BuildNotFoundException>();
        setup.Jenkins.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(502, "text/html")]
    [InlineData(404, "text/html")]
    [InlineData(200, "text/html")]
    [InlineData(200, "application/json")]
    [InlineData(302, "text/html")]
    public async Task A_proxy_that_stands_in_changes_nothing(int status, string contentType)
    {
        await using JenkinsSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Jenkins.Fail(static _ => true, FakeReply.Html(status) with { ContentType = contentType }, stays: true);
        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        setup.Jenkins.MendAll();
        setup.Jenkins.Fail(static _ => true, FakeReply.Html(status) with { ContentType = contentType });

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task A_list_that_is_cut_off_ends_no_build()
    {
        await using JenkinsSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        setup.Jenkins.Answer(static _ => true,
            static (_, own) => own with { Body = "{\"_class\":\"hudson.model.FreeStyleProject\"}" }, stays: true);

        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task Unknown_and_missing_members_are_no_matter()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.VariesMembers = true;
        var buildId = await setup.Runner.TriggerAsync(JenkinsSetup.Request("Fails", "key"));

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
        (await setup.CreateRunner().FindAsync("key")).Should().Be(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Failed);
    }
}
