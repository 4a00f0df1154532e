namespace BuildRunner.GitHubActions.Tests;

/// <summary>The logs of jobs that have ended, from where GitHub stores them.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task The_logs_of_ended_jobs_come_one_after_the_other_while_the_run_goes_on()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync();
        run.Jobs = () =>
        [
            GitHubAnswers.Job(setup.GitHub, run, 1, 1, "build", "completed", "success"),
            GitHubAnswers.Job(setup.GitHub, run, 1, 2, "lint", "completed", "cancelled"),
            GitHubAnswers.Job(setup.GitHub, run, 1, 3, "test", "completed", "failure"),
            GitHubAnswers.Job(setup.GitHub, run, 1, 4, "deploy", "in_progress", null),
        ];
        (setup.GitHub.Logs[1], setup.GitHub.Logs[3]) = ("2026-11-29T12:00:00Z compiled\n", "2026-11-29T12:00:01Z 1 test failed\n");

        var text = await ReadAsync(setup, buildId);

        text.Should().Be("== build (success)\n2026-11-29T12:00:00Z compiled\n== test (failure)\n2026-11-29T12:00:01Z 1 test failed\n");
        setup.GitHub.Requests.Should().NotContain(static request => request.Path.EndsWith("/jobs/4/logs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_is_not_there_yet_is_an_empty_stream()
    {
        await using GitHubSetup setup = new();
        var buildId = await setup.Runner.TriggerAsync(GitHubSetup.Request("Succeeds"));
        var early = await ReadAsync(setup, buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(10));

        var notStored = await ReadAsync(setup, buildId);
        setup.GitHub.Logs[setup.GitHub.RunOf(buildId).Id * 10] = "done\n";
        var stored = await ReadAsync(setup, buildId);

        early.Should().BeEmpty();
        notStored.Should().BeEmpty();
        stored.Should().Be("== build (success)\ndone\n");
    }

    [Fact]
    public async Task Where_logs_are_stored_no_credential_is_sent()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync("Succeeds");
        setup.GitHub.Logs[run.Id * 10] = "done\n";

        await ReadAsync(setup, buildId);

        var stored = setup.GitHub.Requests.Should().ContainSingle(static request => request.Address.Host == "logs.test").Subject;
        stored.Headers.Keys.Should().NotContain(["Authorization", "X-GitHub-Api-Version"]);
    }

    [Fact]
    public async Task A_log_is_not_followed_out_of_TLS()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.LogStore = new Uri("http://logs.test/");
        var (buildId, run) = await setup.TriggerAsync("Succeeds");
        setup.GitHub.Logs[run.Id * 10] = "done\n";

        await FluentActions.Awaiting(() => ReadAsync(setup, buildId)).Should().ThrowExactlyAsync<BuildRunnerException>();
        setup.GitHub.Requests.Should().NotContain(static request => request.Address.Host == "logs.test");
    }

    [Fact]
    public async Task A_token_in_a_log_is_taken_out()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync("Succeeds");
        setup.GitHub.Logs[run.Id * 10] = $"curl -H 'Authorization: Bearer {GitHubSetup.Token}'\n";

        (await ReadAsync(setup, buildId)).Should().NotContain(GitHubSetup.Token).And.Contain("curl");
    }

    [Fact]
    public async Task The_log_of_no_run_is_not_found()
    {
        await using GitHubSetup setup = new();

        await FluentActions.Awaiting(() => setup.Runner.OpenLogAsync(new BuildId("7"))).Should()
            .ThrowExactlyAsync<BuildNotFoundException>();
    }

    private static async Task<string> ReadAsync(GitHubSetup setup, BuildId buildId)
    {
        await using var stream = await setup.Runner.OpenLogAsync(buildId, TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
