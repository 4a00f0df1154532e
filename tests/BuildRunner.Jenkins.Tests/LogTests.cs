namespace BuildRunner.Jenkins.Tests;

/// <summary>The log of a build, as far as it has come.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task The_log_grows_while_the_build_runs()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        var missing = await ReadAsync(setup, buildId);
        build.Log = "Started\n";
        var early = await ReadAsync(setup, buildId);
        build.Log += "ä \U0001F600 1 test failed\n";

        var later = await ReadAsync(setup, buildId);

        missing.Should().BeEmpty();
        early.Should().Be("Started\n");
        later.Should().Be("Started\nä \U0001F600 1 test failed\n");
        setup.Jenkins.Requests[^1].Header("Accept").Should().BeNull("Jenkins streams in another form where it is asked to");
    }

    [Fact]
    public async Task A_build_that_has_not_begun_has_an_empty_log()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, _) = await setup.TriggerAsync();

        (await ReadAsync(setup, buildId)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_log_is_found_after_the_item_of_its_build_is_forgotten()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Succeeds");
        build.Log = "done\n";
        setup.Time.Advance(TimeSpan.FromMinutes(6));

        using StreamReader reader = new(await setup.CreateRunner().OpenLogAsync(buildId));

        (await reader.ReadToEndAsync()).Should().Be("done\n");
    }

    [Fact]
    public async Task A_log_is_not_followed_to_another_address()
    {
        await using JenkinsSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Jenkins.Fail(static request => request.Path.EndsWith("/progressiveText", StringComparison.Ordinal),
            FakeReply.Page(302, "").With("Location", "https://sso.test/login"));

        await FluentActions.Awaiting(() => ReadAsync(setup, buildId)).Should().ThrowExactlyAsync<BuildRunnerException>();
        setup.Jenkins.Requests.Should().OnlyContain(static request => request.Address.Host == "ci.test");
    }

    [Fact]
    public async Task A_secret_in_a_log_is_not_given_away()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Log = $"curl -u queue:{JenkinsSetup.Token}\n";

        (await ReadAsync(setup, buildId)).Should().NotContain(JenkinsSetup.Token);
    }

    [Fact]
    public async Task A_build_that_is_not_there_has_none()
    {
        await using JenkinsSetup setup = new();

        await FluentActions.Awaiting(() => ReadAsync(setup, new BuildId("999-0b5e2a9c7d8f4e3a"))).Should()
            .ThrowExactlyAsync<BuildNotFoundException>();
    }

    private static async Task<string> ReadAsync(JenkinsSetup setup, BuildId buildId)
    {
        using StreamReader reader = new(await setup.Runner.OpenLogAsync(buildId));
        return await reader.ReadToEndAsync();
    }
}
