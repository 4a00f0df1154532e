namespace BuildRunner.GitHubActions.Tests;

/// <summary>A run is found by the word of its key, which its run-name shows.</summary>
public sealed class FindTests
{
    private const string Key = "shop/pull/12";

    [Fact]
    public async Task A_later_trigger_with_the_same_key_gives_the_same_run_also_after_a_restart()
    {
        await using GitHubSetup setup = new();
        var request = GitHubSetup.Request(key: Key);
        var buildId = await setup.Runner.TriggerAsync(request);

        var (again, other) = (await setup.Runner.TriggerAsync(request), await setup.CreateRunner().TriggerAsync(request));

        (again, other).Should().Be((buildId, buildId));
        setup.GitHub.Dispatches.Should().Be(1);
    }

    [Fact]
    public async Task The_same_key_with_another_head_is_refused_also_after_a_restart()
    {
        await using GitHubSetup setup = new();
        var buildId = await setup.Runner.TriggerAsync(GitHubSetup.Request(key: Key));

        var act = () => setup.CreateRunner().TriggerAsync(GitHubSetup.Request(key: Key));

        var refused = (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;
        (refused.IsTransient, refused.BuildId).Should().Be((false, buildId));
        setup.GitHub.Dispatches.Should().Be(1);
    }

    [Theory]
    [InlineData("${{ inputs.build_key }}", true)]
    [InlineData("build-${{ inputs.build_key }}", true)]
    [InlineData("[${{ inputs.build_key }}] of acme/shop", true)]
    [InlineData("${{ inputs.build_key }}, br-0123", true)]
    [InlineData("x${{ inputs.build_key }}", false)]
    [InlineData("${{ inputs.build_key }}0", false)]
    public async Task A_run_name_shows_the_word_as_a_word(string runName, bool isFound)
    {
        await using GitHubSetup setup = new();
        setup.GitHub.AddRun("build br-00000000000000000000000000000000");
        setup.GitHub.RunName = runName;
        var (buildId, _) = await setup.TriggerAsync(key: Key);

        (await setup.CreateRunner().FindAsync(Key)).Should().Be(isFound ? buildId : null);
    }

    [Fact]
    public async Task Metadata_does_not_tell_one_request_from_another()
    {
        await using GitHubSetup setup = new();
        var request = GitHubSetup.Request(key: Key);
        var buildId = await setup.Runner.TriggerAsync(request);

        (await setup.Runner.TriggerAsync(request with { Metadata = [new("attempt", "2")] })).Should().Be(buildId);
    }

    [Fact]
    public async Task Of_two_runs_with_one_key_the_older_one_counts()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync(key: Key);
        setup.GitHub.AddRun(run.Title);
        setup.Time.Advance(TimeSpan.FromSeconds(1));

        (await setup.Runner.FindAsync(Key)).Should().Be(buildId);
        (await setup.CreateRunner().FindAsync(Key)).Should().Be(buildId);
    }

    [Fact]
    public async Task Runs_of_the_same_second_are_told_apart_by_their_words()
    {
        await using GitHubSetup setup = new(FakeMode.Ghes319);
        await setup.Runner.TriggerAsync(GitHubSetup.Request());
        var before = setup.GitHub.AddRun("Verify br-11111111111111111111111111111111");
        FakeRun? after = null;
        setup.GitHub.Answer(static request => request.Method == "POST", (_, own) =>
        {
            after = setup.GitHub.AddRun("Verify br-22222222222222222222222222222222");
            return own;
        });

        var buildId = await setup.Runner.TriggerAsync(GitHubSetup.Request());

        setup.GitHub.RunOf(buildId).Should().NotBeSameAs(before).And.NotBeSameAs(after);
        setup.GitHub.RunOf(buildId).Id.Should().BeInRange(before.Id + 1, after!.Id - 1);
    }

    [Fact]
    public async Task All_pages_are_read_once_and_then_what_is_new()
    {
        await using GitHubSetup setup = new();
        var buildId = await setup.Runner.TriggerAsync(GitHubSetup.Request(key: Key));
        for (var run = 0; run < 350; run++)
        {
            setup.Time.Advance(TimeSpan.FromSeconds(10));
            setup.GitHub.AddRun($"Verify br-{run:x32}");
        }

        var other = setup.CreateRunner();
        var before = setup.CountOf("GET", "/runs");

        (await other.FindAsync(Key)).Should().Be(buildId);
        (await other.FindAsync(Key)).Should().Be(buildId);
        (setup.CountOf("GET", "/runs") - before).Should().Be(4 + 1);
    }

    [Fact]
    public async Task A_run_that_the_list_shows_late_is_found_later()
    {
        await using GitHubSetup setup = new();
        await setup.TriggerAsync(key: "another");
        var other = setup.CreateRunner();
        await other.FindAsync("another");
        setup.GitHub.ListLag = TimeSpan.FromSeconds(5);
        var buildId = await setup.Runner.TriggerAsync(GitHubSetup.Request(key: Key));

        var early = await other.FindAsync(Key);
        setup.Time.Advance(TimeSpan.FromSeconds(5));
        var later = await other.FindAsync(Key);

        early.Should().BeNull();
        later.Should().Be(buildId);
    }

    [Fact]
    public async Task A_run_that_the_list_shows_after_newer_ones_is_found()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync(key: Key);
        run.UnlistedUntil = setup.Time.GetUtcNow() + TimeSpan.FromMinutes(1);
        setup.GitHub.AddRun("Verify br-00000000000000000000000000000000");
        var other = setup.CreateRunner();

        var early = await other.FindAsync(Key);
        setup.Time.Advance(TimeSpan.FromMinutes(1));
        var later = await other.FindAsync(Key);

        early.Should().BeNull();
        later.Should().Be(buildId);
    }

    [Fact]
    public async Task A_look_by_the_clock_of_the_service_finds_what_a_wrong_clock_of_ours_would_miss()
    {
        await using GitHubSetup setup = new(FakeMode.Ghes319);
        setup.GitHub.ClockAhead = -TimeSpan.FromDays(1);
        await setup.Runner.TriggerAsync(GitHubSetup.Request());

        var buildId = await setup.Runner.TriggerAsync(GitHubSetup.Request());

        setup.GitHub.RunOf(buildId).Should().BeSameAs(setup.GitHub.Runs[^1]);
    }

    [Fact]
    public async Task Runs_that_do_not_show_their_keys_make_the_finder_say_what_to_add()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.RunName = "";
        await setup.TriggerAsync(key: Key);

        var find = () => setup.CreateRunner().FindAsync(Key);

        (await find.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.Message.Should()
            .Contain("run-name: Build ${{ inputs.build_key }}");
    }

    [Fact]
    public async Task A_process_dispatches_a_key_once_also_where_runs_do_not_show_it()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.Inputs.Remove("build_key");
        setup.GitHub.RunName = "";
        var request = GitHubSetup.Request(key: Key);

        var buildId = await setup.Runner.TriggerAsync(request);

        (await setup.Runner.TriggerAsync(request)).Should().Be(buildId);
        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitHubSetup.Request(key: Key))).Should()
            .ThrowExactlyAsync<BuildRunnerException>();
        setup.GitHub.Runs.Should().ContainSingle();
    }

    [Fact]
    public async Task A_process_dispatches_a_key_once_also_while_the_list_does_not_show_the_run()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.ListLag = TimeSpan.FromMinutes(1);
        var request = GitHubSetup.Request(key: Key);

        var buildId = await setup.Runner.TriggerAsync(request);

        (await setup.Runner.TriggerAsync(request)).Should().Be(buildId);
        setup.GitHub.Dispatches.Should().Be(1);
    }

    [Fact]
    public async Task An_outcome_that_no_list_can_tell_stays_unknown_and_a_refusal_does_not()
    {
        await using GitHubSetup setup = new(FakeMode.Ghes319);
        setup.GitHub.RunName = "";
        var request = GitHubSetup.Request(key: Key);
        setup.GitHub.HasDispatchTrigger = false;
        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(request)).Should().ThrowAsync<BuildRunnerConfigurationException>();
        setup.GitHub.HasDispatchTrigger = true;

        var act = () => setup.Runner.TriggerAsync(request);

        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        (await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>()).Which.Message.Should().Contain("run-name");
        setup.GitHub.Runs.Should().ContainSingle();
    }

    [Fact]
    public async Task A_key_whose_run_was_dropped_is_dispatched_again()
    {
        await using GitHubSetup setup = new(FakeMode.Ghes319);
        var request = GitHubSetup.Request(key: Key);
        setup.GitHub.DropsRuns = true;
        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(request)).Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        setup.GitHub.DropsRuns = false;

        var buildId = await setup.Runner.TriggerAsync(request);

        setup.GitHub.Runs.Should().ContainSingle().Which.Should().BeSameAs(setup.GitHub.RunOf(buildId));
    }

    [Fact]
    public async Task Two_registrations_on_two_branches_of_one_workflow_have_runs_of_their_own()
    {
        await using GitHubSetup setup = new(FakeMode.Ghes319);
        setup.GitHub.Branches["release"] = "6f1d1c1f4a1c0d0b8f9d5d3f0a7be1c2d3e4f506";
        var release = setup.CreateRunner(static options => options.Ref = "refs/heads/release");
        var request = GitHubSetup.Request(key: Key);

        var (onMain, onRelease) = (await setup.Runner.TriggerAsync(request), await release.TriggerAsync(request));
        setup.Time.Advance(TimeSpan.FromSeconds(10));

        setup.GitHub.RunOf(onMain).Reference.Should().Be("main");
        setup.GitHub.RunOf(onRelease).Reference.Should().Be("release");
        setup.GitHub.Runs.Select(static run => run.Title).Should().OnlyHaveUniqueItems();
        (await setup.Runner.FindAsync(Key)).Should().Be(onMain);
        (await release.FindAsync(Key)).Should().Be(onRelease);
    }

    [Fact]
    public async Task A_key_is_free_again_when_its_run_is_older_than_what_is_looked_for()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.AddRun("Verify");
        var (buildId, _) = await setup.TriggerAsync(key: Key);
        (await setup.Runner.FindAsync(Key)).Should().Be(buildId);

        setup.Time.Advance(TimeSpan.FromDays(7));

        (await setup.Runner.FindAsync(Key)).Should().BeNull("no list of a runner that was just started would show it");
        (await setup.Runner.TriggerAsync(GitHubSetup.Request(key: Key))).Should().NotBe(buildId);
    }

    [Fact]
    public async Task A_server_that_names_no_run_and_a_workflow_that_shows_no_key_leave_an_unknown_outcome_that_says_what_to_add()
    {
        await using GitHubSetup setup = new(FakeMode.Ghes319);
        setup.GitHub.RunName = "";

        var act = () => setup.Runner.TriggerAsync(GitHubSetup.Request(key: Key));

        (await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>()).Which.Message.Should()
            .Contain("run-name: Build ${{ inputs.build_key }}");
        setup.GitHub.Runs.Should().ContainSingle();
    }

    [Fact]
    public async Task When_the_setup_is_mended_runs_are_found_again()
    {
        await using GitHubSetup setup = new();
        var runName = setup.GitHub.RunName;
        setup.GitHub.RunName = "";
        await setup.TriggerAsync();
        await FluentActions.Awaiting(() => setup.Runner.FindAsync(Key)).Should().ThrowAsync<BuildRunnerConfigurationException>();
        setup.GitHub.RunName = runName;

        var (buildId, _) = await setup.TriggerAsync(key: Key);

        (await setup.CreateRunner().FindAsync(Key)).Should().Be(buildId);
    }

    [Fact]
    public async Task A_workflow_that_declares_no_key_is_dispatched_without_one()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.Inputs.Remove("build_key");
        setup.GitHub.RunName = "";

        await setup.Runner.TriggerAsync(GitHubSetup.Request());
        await setup.Runner.TriggerAsync(GitHubSetup.Request());

        setup.GitHub.Dispatches.Should().Be(3);
        setup.GitHub.Runs.Should().OnlyContain(static run => run.Inputs.Count == 1);
    }

    [Fact]
    public async Task A_workflow_that_declares_a_key_later_is_given_it_within_ten_minutes()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.Inputs.Remove("build_key");
        await setup.Runner.TriggerAsync(GitHubSetup.Request());
        setup.GitHub.Inputs.Add("build_key");
        setup.Time.Advance(TimeSpan.FromMinutes(10));

        var (_, run) = await setup.TriggerAsync();

        run.Inputs.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_workflow_that_requires_a_key_later_is_given_it_at_once()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.Inputs.Remove("build_key");
        await setup.Runner.TriggerAsync(GitHubSetup.Request());
        setup.GitHub.Inputs.Add("build_key");
        setup.GitHub.Fail(static request => request.Method == "POST" && !request.Body.Contains("build_key", StringComparison.Ordinal),
            FakeReply.Json(422, GitHubAnswers.Error(422, "Required input 'build_key' not provided")), stays: true);

        var (_, first) = await setup.TriggerAsync();
        var (_, second) = await setup.TriggerAsync();

        (first.Inputs.Count, second.Inputs.Count).Should().Be((2, 2));
        setup.GitHub.Dispatches.Should().Be(2 + 2 + 1);
    }

    [Fact]
    public async Task A_workflow_that_declared_nothing_is_sent_its_key_again_when_it_is_mended()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.Inputs.Clear();
        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitHubSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.GitHub.Inputs.UnionWith(["build_request", "build_key"]);

        var (buildId, run) = await setup.TriggerAsync(key: Key);

        run.Inputs.Should().HaveCount(2);
        (await setup.CreateRunner().FindAsync(Key)).Should().Be(buildId);
    }

    [Fact]
    public async Task A_look_up_before_a_trigger_that_fails_creates_nothing()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.Fail(static request => request.Path.EndsWith("/runs", StringComparison.Ordinal), FakeReply.Html(502), stays: true);

        (await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitHubSetup.Request(key: Key))).Should()
            .ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        setup.GitHub.Dispatches.Should().Be(0);
    }

    [Fact]
    public async Task A_workflow_that_is_missing_is_the_setup()
    {
        await using GitHubSetup setup = new(configure: static options => options.Workflow = "other.yml");

        await FluentActions.Awaiting(() => setup.Runner.FindAsync(Key)).Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitHubSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }
}
