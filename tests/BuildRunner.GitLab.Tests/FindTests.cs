namespace BuildRunner.GitLab.Tests;

/// <summary>A pipeline is found by its name, which is made of the trigger key.</summary>
public sealed class FindTests
{
    private const string Key = "shop/12";

    [Fact]
    public async Task A_later_trigger_with_the_same_key_gives_the_same_pipeline_also_after_a_restart()
    {
        await using GitLabSetup setup = new();
        var request = GitLabSetup.Request(key: Key);
        var buildId = await setup.Runner.TriggerAsync(request);

        var (again, other) = (await setup.Runner.TriggerAsync(request), await setup.CreateRunner().TriggerAsync(request));

        (again, other).Should().Be((buildId, buildId));
        setup.GitLab.Creates.Should().Be(1);
    }

    [Fact]
    public async Task The_same_key_with_another_head_is_refused_also_after_a_restart()
    {
        await using GitLabSetup setup = new();
        var buildId = await setup.Runner.TriggerAsync(GitLabSetup.Request(key: Key));

        foreach (var runner in new[] { setup.Runner, setup.CreateRunner() })
        {
            var act = () => runner.TriggerAsync(GitLabSetup.Request(key: Key));
            var refused = (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;
            (refused.IsTransient, refused.BuildId).Should().Be((false, buildId));
        }

        setup.GitLab.Creates.Should().Be(1);
    }

    [Fact]
    public async Task Metadata_does_not_tell_one_request_from_another()
    {
        await using GitLabSetup setup = new();
        var request = GitLabSetup.Request(key: Key);
        var buildId = await setup.Runner.TriggerAsync(request);

        (await setup.CreateRunner().TriggerAsync(request with { Metadata = [new("attempt", "2")] })).Should().Be(buildId);
    }

    [Fact]
    public async Task Of_two_pipelines_with_one_key_the_older_one_counts_also_if_the_younger_is_our_own()
    {
        await using GitLabSetup setup = new();
        var request = GitLabSetup.Request(key: Key);
        var other = setup.CreateRunner();
        setup.GitLab.ListLag = TimeSpan.FromSeconds(5);
        var (older, younger) = (await other.TriggerAsync(request), await setup.Runner.TriggerAsync(request));
        setup.Time.Advance(TimeSpan.FromSeconds(5));

        younger.Should().NotBe(older, "the list did not show the other one yet");
        (await setup.Runner.FindAsync(Key)).Should().Be(older);
        (await other.FindAsync(Key)).Should().Be(older);
        (await setup.Runner.TriggerAsync(request)).Should().Be(older);
    }

    [Fact]
    public async Task What_this_process_has_created_is_found_before_the_list_shows_it()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.ListLag = TimeSpan.FromSeconds(5);
        var request = GitLabSetup.Request(key: Key);
        var buildId = await setup.Runner.TriggerAsync(request);

        (await setup.Runner.FindAsync(Key)).Should().Be(buildId);
        (await setup.Runner.TriggerAsync(request)).Should().Be(buildId);
        setup.GitLab.Creates.Should().Be(1);
    }

    [Fact]
    public async Task A_pipeline_of_the_name_that_was_asked_for_something_else_is_not_the_one()
    {
        await using GitLabSetup setup = new();
        var (_, pipeline) = await setup.TriggerAsync(key: Key);
        setup.GitLab.Remove(pipeline);
        setup.GitLab.AddPipeline(pipeline.Name);
        setup.GitLab.AddPipeline(pipeline.Name, variables: new Dictionary<string, string> { ["BUILD_REQUEST"] = "not JSON" });
        var request = GitLabSetup.Request(key: Key);

        var buildId = await setup.CreateRunner().TriggerAsync(request);

        setup.GitLab.PipelineOf(buildId).Request.Should().Be(request);
    }

    [Fact]
    public async Task An_older_server_that_lists_everything_is_searched_on_all_pages()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.IgnoresNameFilter = true;
        var buildId = await setup.Runner.TriggerAsync(GitLabSetup.Request(key: Key));
        for (var pipeline = 0; pipeline < 250; pipeline++)
        {
            setup.GitLab.AddPipeline($"br-{pipeline:x32}");
        }

        (await setup.CreateRunner().FindAsync(Key)).Should().Be(buildId);
        setup.CountOf("GET", "/pipelines").Should().Be(1 + 3);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Build of $CI_COMMIT_REF_NAME")]
    [InlineData("build $BUILD_KEY")]
    public async Task A_project_that_does_not_name_its_pipelines_by_the_key_has_no_finder_and_says_what_to_add(string? name)
    {
        await using GitLabSetup setup = new();
        setup.GitLab.PipelineName = name;
        await setup.TriggerAsync(key: Key);

        var act = () => setup.CreateRunner().FindAsync(Key);

        (await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.Message.Should().Contain("$BUILD_KEY");
    }

    [Fact]
    public async Task Without_names_an_unknown_outcome_stays_so_and_creates_no_second_pipeline()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.PipelineName = null;
        setup.GitLab.Fail(FakeGitLab.IsCreate, FakeReply.Html(502), acts: true);
        var request = GitLabSetup.Request(key: Key);
        var act = () => setup.Runner.TriggerAsync(request);

        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        setup.GitLab.Creates.Should().Be(1);
    }

    [Fact]
    public async Task Without_names_a_key_still_makes_one_pipeline_in_a_process_and_a_refused_create_may_be_repeated()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.PipelineName = null;
        setup.GitLab.AddPipeline();
        var request = GitLabSetup.Request(key: Key);
        setup.GitLab.Fail(FakeGitLab.IsCreate, FakeReply.Json(403, GitLabAnswers.Message("403 Forbidden")));
        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(request)).Should().ThrowAsync<BuildRunnerConfigurationException>();

        var buildId = await setup.Runner.TriggerAsync(request);

        (await setup.Runner.TriggerAsync(request)).Should().Be(buildId);
        setup.GitLab.Creates.Should().Be(2);
    }

    [Fact]
    public async Task A_key_that_was_never_used_is_not_found()
    {
        await using GitLabSetup setup = new();

        (await setup.Runner.FindAsync(Key)).Should().BeNull();
        await setup.TriggerAsync(key: "another");
        (await setup.Runner.FindAsync(Key)).Should().BeNull();
    }

    [Fact]
    public async Task A_token_that_may_not_read_variables_finds_but_cannot_compare_requests()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.HidesVariables = true;
        var request = GitLabSetup.Request(key: Key);
        var buildId = await setup.Runner.TriggerAsync(request);
        var other = setup.CreateRunner();

        (await other.FindAsync(Key)).Should().Be(buildId);
        await FluentActions.Awaiting(() => other.TriggerAsync(request)).Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.GitLab.Creates.Should().Be(1);
    }

    [Theory]
    [InlineData("shop")]
    [InlineData("another")]
    public async Task A_pipeline_whose_request_was_dropped_keeps_its_key_also_after_a_restart(string head)
    {
        await using GitLabSetup setup = new();
        setup.GitLab.MaxVariable = 100;
        var buildId = await setup.Runner.TriggerAsync(Request("shop"));

        (await setup.CreateRunner().TriggerAsync(Request(head))).Should().Be(buildId, "whatever it builds, it never succeeds");
        setup.GitLab.Creates.Should().Be(1);

        static BuildRequest Request(string head) => new() { Head = [new Change($"test:RunsLong/{head}/{new string('x', 100)}")], TriggerKey = Key };
    }

    [Fact]
    public async Task A_pipeline_whose_variables_are_not_there_yet_creates_no_second_one()
    {
        await using GitLabSetup setup = new();
        var request = GitLabSetup.Request(key: Key);
        var buildId = await setup.Runner.TriggerAsync(request);
        setup.GitLab.Fail(static one => one.Path.EndsWith("/variables", StringComparison.Ordinal),
            FakeReply.Json(404, GitLabAnswers.Message("404 Not found")));
        var act = () => setup.CreateRunner().TriggerAsync(request);

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        (await act()).Should().Be(buildId);
        setup.GitLab.Creates.Should().Be(1);
    }
}
