namespace BuildRunner.GitLab.Tests;

/// <summary>The logs of the jobs that have started, as far as they have been written.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task The_logs_of_jobs_come_one_after_the_other_and_grow_while_they_run()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        pipeline.Jobs =
        [
            GitLabAnswers.Job(3, "test", "running"),
            GitLabAnswers.Job(2, "lint", "failed"),
            GitLabAnswers.Job(1, "build", "success"),
            GitLabAnswers.Job(4, "deploy", "manual"),
        ];
        (setup.GitLab.Traces[1], setup.GitLab.Traces[3]) = ("compiled\n", "1 of 2\n");

        var early = await ReadAsync(setup, buildId);
        setup.GitLab.Traces[3] += "2 of 2\n";
        var later = await ReadAsync(setup, buildId);

        early.Should().Be("== build (success)\ncompiled\n== test (running)\n1 of 2\n", "the log of lint was erased");
        later.Should().Be(early + "2 of 2\n");
        setup.GitLab.Requests.Should().NotContain(static request => request.Path.EndsWith("/jobs/4/trace", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_is_not_there_yet_is_an_empty_stream()
    {
        await using GitLabSetup setup = new();
        var buildId = await setup.Runner.TriggerAsync(GitLabSetup.Request());

        (await ReadAsync(setup, buildId)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(GitLabSetup.Token)]
    [InlineData(GitLabSetup.TriggerToken)]
    public async Task A_token_in_a_log_is_taken_out(string token)
    {
        await using GitLabSetup setup = new(static options => options.TriggerToken = static _ => new(GitLabSetup.TriggerToken));
        var (buildId, pipeline) = await setup.TriggerAsync();
        setup.GitLab.Traces[pipeline.Id * 10] = $"curl -H 'PRIVATE-TOKEN: {token}'\n";

        (await ReadAsync(setup, buildId)).Should().NotContain(token).And.Contain("curl");
    }

    [Fact]
    public async Task The_log_of_no_pipeline_is_not_found()
    {
        await using GitLabSetup setup = new();

        await FluentActions.Awaiting(() => setup.Runner.OpenLogAsync(new BuildId("7"))).Should()
            .ThrowExactlyAsync<BuildNotFoundException>();
    }

    [Fact]
    public async Task A_log_is_followed_to_its_store_without_a_token()
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.GitLab.Fail(static request => request.Path.EndsWith("/trace", StringComparison.Ordinal),
            new FakeReply(302, "", "").With("Location", "https://store.test/log?sig=x"));
        setup.GitLab.Fail(static request => request.Address.Host == "store.test", new FakeReply(200, "stored\n", "text/plain"));

        (await ReadAsync(setup, buildId)).Should().EndWith("stored\n");
        setup.GitLab.Requests[^1].Headers.Keys.Should().NotContain(["Authorization", "PRIVATE-TOKEN"]);
    }

    private static async Task<string> ReadAsync(GitLabSetup setup, BuildId buildId)
    {
        await using var stream = await setup.Runner.OpenLogAsync(buildId, TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
