namespace BuildRunner.Buildkite.Tests;

/// <summary>The logs of the jobs that have begun, also while they run.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task The_logs_come_one_after_the_other_and_grow_while_the_build_runs()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Jobs = () =>
        [
            BuildkiteAnswers.Job(setup.Buildkite, build, 1, "upload", "passed"),
            BuildkiteAnswers.Job(setup.Buildkite, build, 2, "wait", "passed", type: "waiter"),
            BuildkiteAnswers.Job(setup.Buildkite, build, 3, "test", "running", exitStatus: null),
            BuildkiteAnswers.Job(setup.Buildkite, build, 4, "deploy", "waiting", exitStatus: null),
        ];
        setup.Buildkite.Logs[BuildkiteAnswers.JobId(build, 1)] = "uploaded\n";
        setup.Buildkite.Logs[BuildkiteAnswers.JobId(build, 3)] = "1 of 2\n";

        var early = await ReadAsync(setup, buildId);
        setup.Buildkite.Logs[BuildkiteAnswers.JobId(build, 3)] += "2 of 2\n";
        var later = await ReadAsync(setup, buildId);

        early.Should().Be("== upload (passed)\nuploaded\n== test (running)\n1 of 2\n");
        later.Should().Be(early + "2 of 2\n");
    }

    [Fact]
    public async Task Of_a_job_that_was_retried_the_latest_log_is_given()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Jobs = () =>
        {
            var retried = BuildkiteAnswers.Job(setup.Buildkite, build, 1, "test", "failed", 1);
            retried["retried"] = true;
            return [retried, BuildkiteAnswers.Job(setup.Buildkite, build, 2, "test", "passed")];
        };
        setup.Buildkite.Logs[BuildkiteAnswers.JobId(build, 1)] = "red\n";
        setup.Buildkite.Logs[BuildkiteAnswers.JobId(build, 2)] = "green\n";

        (await ReadAsync(setup, buildId)).Should().Be("== test (passed)\ngreen\n");
    }

    [Fact]
    public async Task A_log_that_is_not_there_yet_or_any_more_is_left_out()
    {
        await using BuildkiteSetup setup = new();
        var buildId = await setup.Runner.TriggerAsync(BuildkiteSetup.Request("Succeeds"));
        var early = await ReadAsync(setup, buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        setup.Buildkite.Fail(
            static request => request.Path.EndsWith("/log.txt", StringComparison.Ordinal),
            FakeReply.Json(404, BuildkiteAnswers.Error("No log found")));

        (early, await ReadAsync(setup, buildId)).Should().Be(("", ""));
    }

    [Fact]
    public async Task A_job_whose_id_leads_elsewhere_is_not_followed()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Jobs = () =>
        {
            var job = BuildkiteAnswers.Job(setup.Buildkite, build, 1, "test", "running");
            job["id"] = "../../../../../../user";
            return [job];
        };

        (await ReadAsync(setup, buildId)).Should().BeEmpty();
        setup.Buildkite.Requests.Should().OnlyContain(static request =>
            request.Path.StartsWith("/v2/organizations/acme/pipelines/verify/builds", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_in_a_log_is_taken_out_and_a_log_that_breaks_off_is_not_taken_for_whole()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Succeeds");
        setup.Buildkite.Logs[BuildkiteAnswers.JobId(build, 1)] = $"curl -H 'Authorization: Bearer {BuildkiteSetup.Token}'\n";

        (await ReadAsync(setup, buildId)).Should().NotContain(BuildkiteSetup.Token).And.Contain("curl");
        setup.Buildkite.Fail(
            static request => request.Path.EndsWith("/log.txt", StringComparison.Ordinal), FakeReply.Html(502), stays: true);
        await FluentActions.Awaiting(() => ReadAsync(setup, buildId)).Should().ThrowAsync<BuildRunnerException>();
    }

    [Fact]
    public async Task A_redirect_of_a_log_is_not_followed()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync("Succeeds");
        setup.Buildkite.Fail(
            static request => request.Path.EndsWith("/log.txt", StringComparison.Ordinal),
            new FakeReply(302, "", "").With("Location", "https://elsewhere.test/log"));

        await FluentActions.Awaiting(() => ReadAsync(setup, buildId)).Should().ThrowAsync<BuildRunnerException>();
        setup.Buildkite.Requests.Should().NotContain(static request => request.Address.Host == "elsewhere.test");
    }

    [Fact]
    public async Task Without_the_scope_for_logs_the_setup_is_at_fault_and_the_log_of_no_build_is_not_found()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync("Succeeds");
        setup.Buildkite.Tokens[BuildkiteSetup.Token] = ["read_builds", "write_builds"];

        await FluentActions.Awaiting(() => ReadAsync(setup, buildId)).Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        await FluentActions.Awaiting(() => ReadAsync(setup, new BuildId("verify/9"))).Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    private static async Task<string> ReadAsync(BuildkiteSetup setup, BuildId buildId)
    {
        await using var stream = await setup.Runner.OpenLogAsync(buildId, TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
