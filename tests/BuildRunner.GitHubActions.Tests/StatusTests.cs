using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>What a run is told to be.</summary>
public sealed class StatusTests
{
    [Theory]
    [InlineData("requested", null, BuildStatus.Accepted, null)]
    [InlineData("queued", null, BuildStatus.Accepted, null)]
    [InlineData("pending", null, BuildStatus.Accepted, null)]
    [InlineData("waiting", null, BuildStatus.Accepted, null)]
    [InlineData("in_progress", null, BuildStatus.Running, null)]
    [InlineData("completed", "success", BuildStatus.Succeeded, null)]
    [InlineData("completed", "failure", BuildStatus.Failed, "code")]
    [InlineData("completed", "timed_out", BuildStatus.Failed, "timeout")]
    [InlineData("completed", "startup_failure", BuildStatus.Failed, "infra")]
    [InlineData("completed", "cancelled", BuildStatus.Cancelled, null)]
    [InlineData("completed", "skipped", BuildStatus.Failed, "skipped")]
    [InlineData("completed", "neutral", BuildStatus.Failed, "skipped")]
    [InlineData("completed", "action_required", BuildStatus.Failed, "blocked")]
    [InlineData("completed", "stale", BuildStatus.Failed, "infra")]
    [InlineData("completed", null, BuildStatus.Unknown, null)]
    [InlineData("completed", "pondered", BuildStatus.Unknown, null)]
    [InlineData("pondering", null, BuildStatus.Unknown, null)]
    [InlineData(null, null, BuildStatus.Unknown, null)]
    [InlineData("success", "success", BuildStatus.Unknown, null)]
    public async Task Each_state_has_its_status(string? status, string? conclusion, BuildStatus expected, string? failureKind)
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync();
        run.Set(setup.Time.GetUtcNow(), status, conclusion);

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Status.Should().Be(expected);
        snapshot.Metadata[BuildMetadataKeys.NativeState].Should().Be(conclusion is null ? status ?? "" : $"{status}/{conclusion}");
        snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind).Should().Be(failureKind);
        snapshot.Metadata[BuildMetadataKeys.Url].Should().Be($"https://github.test/acme/shop/actions/runs/{buildId}");
        snapshot.Metadata[BuildMetadataKeys.Attempt].Should().Be("1");
    }

    [Theory]
    [InlineData("failure", "failure", "code")]
    [InlineData("failure", "success", "infra")]
    [InlineData("failure", "cancelled", "infra")]
    [InlineData("timed_out", "cancelled", "timeout")]
    [InlineData("success", "success", "code")]
    public async Task The_jobs_say_why_a_run_has_failed(string job, string step, string failureKind)
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync("Fails");
        run.Jobs = () =>
        [
            .. Enumerable.Range(0, 120).Select(number =>
                GitHubAnswers.Job(setup.GitHub, run, 1, number, "good", "completed", "success", ("Set up job", "success"))),
            GitHubAnswers.Job(setup.GitHub, run, 1, 121, "bad", "completed", job, ("Set up job", "success"), ("Run tests", step)),
        ];

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Metadata[BuildMetadataKeys.FailureKind].Should().Be(failureKind);
    }

    [Fact]
    public async Task A_run_that_was_started_again_is_told_as_it_first_ended()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync("Fails");
        var ended = await setup.Runner.StatusAsync(buildId);
        run.RunAgain(setup.Time.GetUtcNow());

        var (same, other) = (await setup.Runner.StatusAsync(buildId), await setup.CreateRunner().StatusAsync(buildId));

        ended.Status.Should().Be(BuildStatus.Failed);
        same.Should().Be(ended);
        other.Should().Be(ended);
    }

    [Fact]
    public async Task A_run_that_ended_and_was_started_again_between_two_polls_is_told_as_it_first_ended()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        run.Set(setup.Time.GetUtcNow(), "completed", "success");
        setup.Time.Advance(TimeSpan.FromSeconds(1));
        run.RunAgain(setup.Time.GetUtcNow());
        setup.Time.Advance(TimeSpan.FromSeconds(5));

        var snapshot = await setup.Runner.StatusAsync(buildId);

        run.StateAt(setup.Time.GetUtcNow()).Status.Should().Be("queued");
        snapshot.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_run_that_was_started_again_unseen_is_read_alone_from_time_to_time()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        run.Set(setup.Time.GetUtcNow(), "completed", "success");
        run.RunAgain(setup.Time.GetUtcNow());
        run.Set(setup.Time.GetUtcNow(), "in_progress");
        setup.Time.Advance(TimeSpan.FromSeconds(5));
        var before = await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(30));

        var after = await setup.Runner.StatusAsync(buildId);

        before.Status.Should().Be(BuildStatus.Running);
        after.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task An_end_is_told_by_the_run_alone_and_not_by_GraphQL()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.GitHub.Answer(static request => request.Path == "/graphql", static (_, own) => own with
        {
            Body = own.Body.Replace("IN_PROGRESS\",\"conclusion\":null", "COMPLETED\",\"conclusion\":\"SUCCESS\"", StringComparison.Ordinal),
        }, stays: true);

        for (var poll = 0; poll < 3; poll++)
        {
            setup.Time.Advance(TimeSpan.FromSeconds(2));
            (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        }

        run.Set(setup.Time.GetUtcNow(), "completed", "success");
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task What_GraphQL_shows_late_is_told_late_and_at_once_to_a_poll_that_was_hastened()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.GraphLag = TimeSpan.FromSeconds(8);
        var (buildId, run) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        run.Set(setup.Time.GetUtcNow(), "completed", "success");
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        var polled = await setup.Runner.StatusAsync(buildId);
        var hastened = await setup.Reader.StatusAsync(buildId, TimeSpan.Zero);

        polled.Status.Should().Be(BuildStatus.Running);
        hastened.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_change_that_is_seen_is_read_once()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        run.Set(setup.Time.GetUtcNow(), "waiting");
        var before = setup.CountOf("GET", "/attempts/1");

        for (var poll = 0; poll < 10; poll++)
        {
            setup.Time.Advance(TimeSpan.FromSeconds(2));
            (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
        }

        (setup.CountOf("GET", "/attempts/1") - before).Should().Be(1);
        setup.CountOf("POST", "/graphql").Should().Be(10);
    }

    [Fact]
    public async Task A_read_that_changed_nothing_is_confirmed_and_costs_nothing()
    {
        await using GitHubSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.GitHub.Answer(static request => request.Path == "/graphql", static (_, _) =>
            FakeReply.Json(200, GitHubAnswers.GraphError("FORBIDDEN", "Resource not accessible by personal access token")), stays: true);

        // Its answers differ by the time at which they were given.
        setup.GitHub.Answer(static request => request.Path.EndsWith("/attempts/1", StringComparison.Ordinal), static (request, own) =>
            request.Header("If-None-Match") == "\"1\"" ? new FakeReply(304, "", "") : own.With("ETag", "\"1\""), stays: true);
        await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Status.Should().Be(BuildStatus.Running);
        setup.GitHub.Requests.Where(static request => request.Path.EndsWith("/attempts/1", StringComparison.Ordinal))
            .Select(static request => request.Header("If-None-Match")).Should().Equal(null, "\"1\"");
    }

    [Fact]
    public async Task What_GraphQL_and_the_run_do_not_agree_on_is_read_once()
    {
        await using GitHubSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.GitHub.Answer(static request => request.Path == "/graphql", static (_, own) =>
            own with { Body = own.Body.Replace("IN_PROGRESS", "REQUESTED", StringComparison.Ordinal) }, stays: true);
        var before = setup.CountOf("GET", "/attempts/1");

        for (var poll = 0; poll < 5; poll++)
        {
            setup.Time.Advance(TimeSpan.FromSeconds(2));
            (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        }

        (setup.CountOf("GET", "/attempts/1") - before).Should().Be(1);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Without_GraphQL_runs_are_read_one_by_one(int status)
    {
        await using GitHubSetup setup = new(FakeMode.Ghes319);
        setup.GitHub.Fail(static request => request.Path.EndsWith("/graphql", StringComparison.Ordinal),
            FakeReply.Json(status, GitHubAnswers.Error(status, "No")), stays: true);
        var (buildId, run) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        run.Set(setup.Time.GetUtcNow(), "completed", "success");
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task The_address_of_GraphQL_on_a_server_of_one_s_own_is_beside_that_of_the_API()
    {
        await using GitHubSetup setup = new(FakeMode.Ghes321);
        var (buildId, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        await setup.Runner.StatusAsync(buildId);

        setup.Paths[^1].Should().Be("POST /api/graphql");
    }

    [Fact]
    public async Task A_new_run_that_cannot_be_read_yet_is_accepted()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.ReadLag = TimeSpan.FromSeconds(1);
        var buildId = await setup.Runner.TriggerAsync(GitHubSetup.Request());

        var early = await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(1));
        var later = await setup.Runner.StatusAsync(buildId);

        early.Status.Should().Be(BuildStatus.Accepted);
        early.Metadata.Should().BeSameAs(BuildMetadata.Empty);
        later.Metadata[BuildMetadataKeys.NativeState].Should().Be("in_progress");
    }

    [Fact]
    public async Task A_run_that_was_deleted_is_not_found_and_a_hidden_repository_is_the_setup()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync();
        setup.Time.Advance(TimeSpan.FromMinutes(2));
        setup.GitHub.Remove(run);
        var act = () => setup.Runner.StatusAsync(buildId);

        await act.Should().ThrowExactlyAsync<BuildNotFoundException>();
        setup.GitHub.IsHidden = true;
        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    [Fact]
    public async Task A_run_of_another_workflow_is_not_found()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync("Succeeds");
        run.Path = ".github/workflows/deploy.yml@main";

        await FluentActions.Awaiting(() => setup.CreateRunner().StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    [Theory]
    [InlineData("../../../user")]
    [InlineData("12/cancel")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("12-0b5e2a9c")]
    public async Task An_id_that_is_none_is_not_found_and_never_sent(string id)
    {
        await using GitHubSetup setup = new();

        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(new BuildId(id))).Should().ThrowExactlyAsync<BuildNotFoundException>();
        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(new BuildId(id))).Should().ThrowExactlyAsync<BuildNotFoundException>();
        setup.GitHub.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_proxy_that_stands_in_changes_nothing()
    {
        await using GitHubSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.GitHub.Fail(static _ => true, FakeReply.Html(502), stays: true);
        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        setup.GitHub.MendAll();
        setup.GitHub.Fail(static _ => true, FakeReply.Html(404));

        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().NotThrowAsync()).Which.Status.Should()
            .Be(BuildStatus.Running);
    }

    [Theory]
    [InlineData(1, 25)]
    [InlineData(3, 12)]
    public async Task A_thousand_runs_that_are_polled_by_chance_cost_few_requests(int freshness, int allowed)
    {
        const int Builds = 1000;
        const int FirstPolls = 3_000;
        const int Polls = 10_000;
        await using GitHubSetup setup = new(FakeMode.Ghes321, options => options.Freshness = TimeSpan.FromSeconds(freshness));

        // A thousand answers of one form would take a second, and other tests have it.
        setup.Spec.IsApi = static _ => false;
        Random random = new(4711);
        var runs = Enumerable.Range(0, Builds).Select(_ => setup.GitHub.AddRun("Verify")).ToList();
        runs.ForEach(run => run.Set(run.CreatedAt, "in_progress"));
        PriorityQueue<FakeRun, TimeSpan> due = new(runs.Select(run => (run, TimeSpan.FromSeconds(random.NextDouble() * 2.2))));
        var (start, before) = (setup.Time.GetTimestamp(), 0);

        for (var poll = 0; poll < FirstPolls + Polls && due.TryDequeue(out var run, out var at); poll++)
        {
            // Nobody knows of a build before it is asked for, so each costs a read of its own once.
            before = poll == FirstPolls ? setup.GitHub.Requests.Count : before;
            var wait = at - setup.Time.GetElapsedTime(start);
            setup.Time.Advance(wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
            (await setup.Runner.StatusAsync(new BuildId($"{run.Id}"))).Status.Should().Be(BuildStatus.Running);
            due.Enqueue(run, at + (TimeSpan.FromSeconds(2) * (1 + (random.NextDouble() * 0.2))));
        }

        var cost = (setup.GitHub.Requests.Count - before) * 1000.0 / Polls;
        TestContext.Current.TestOutputHelper?.WriteLine($"requests_per_1000={cost:0.0}");
        cost.Should().BeInRange(1, allowed);
    }
}
