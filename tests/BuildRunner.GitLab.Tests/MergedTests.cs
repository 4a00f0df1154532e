using System.Text;
using BuildRunner.Http;

namespace BuildRunner.GitLab.Tests;

/// <summary>A branch that contains the merge already is built at its commit.</summary>
public sealed class MergedTests
{
    private const string Commit = "0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10";
    private const string OtherCommit = "6f1d1c1f4a1c0d0b8f9d5d3f0a7be1c2d3e4f506";

    [Fact]
    public async Task The_branch_is_built_and_the_build_names_its_commit()
    {
        await using var setup = Setup();
        var buildId = await setup.Runner.TriggerAsync(Request("key"));
        setup.Time.Advance(TimeSpan.FromSeconds(10));

        var snapshot = await setup.Runner.StatusAsync(buildId);

        var pipeline = setup.GitLab.Pipelines.Should().ContainSingle().Subject;
        pipeline.Reference.Should().Be("build/one");
        pipeline.Variables.Keys.Should().Equal("BUILD_KEY");
        buildId.Value.Should().Be($"{pipeline.Id}-{Commit[..16]}");
        (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.Commit]).Should().Be((BuildStatus.Succeeded, Commit));
    }

    [Theory]
    [InlineData("success")]
    [InlineData("failed")]
    public async Task A_pipeline_of_another_commit_proves_nothing_also_after_a_restart(string state)
    {
        await using var setup = Setup();
        setup.GitLab.Branches["build/one"] = OtherCommit;
        var buildId = await setup.Runner.TriggerAsync(Request("key"));
        setup.GitLab.PipelineOf(buildId).Set(setup.GitLab.Now, state);

        foreach (var runner in new[] { setup.Runner, setup.CreateRunner() })
        {
            var snapshot = await runner.StatusAsync(buildId);

            (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.FailureKind], snapshot.Metadata[BuildMetadataKeys.Commit])
                .Should().Be((BuildStatus.Failed, BuildFailureKinds.Infra, OtherCommit));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pipeline_that_is_found_names_the_commit_that_was_asked_for_and_not_the_one_it_builds(bool isLost)
    {
        await using var setup = Setup();
        setup.GitLab.Branches["build/one"] = OtherCommit;
        if (isLost)
        {
            setup.GitLab.Fail(FakeGitLab.IsCreate, FakeReply.Html(502), acts: true);
        }

        var buildId = await setup.Runner.TriggerAsync(Request("key"));
        setup.Time.Advance(TimeSpan.FromSeconds(10));

        (await setup.Runner.StatusAsync(buildId)).Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Infra);
        (await setup.Runner.TriggerAsync(Request("key"))).Should().Be(buildId);
        (await setup.Runner.FindAsync("key")).Should().Be(buildId);
    }

    [Fact]
    public async Task The_same_key_gives_the_same_pipeline_and_with_another_commit_is_refused()
    {
        await using var setup = Setup();
        var buildId = await setup.Runner.TriggerAsync(Request("key"));

        (await setup.CreateRunner().TriggerAsync(Request("key"))).Should().Be(buildId);
        (await setup.CreateRunner().FindAsync("key")).Should().Be(buildId);
        await FluentActions.Awaiting(() => setup.CreateRunner().TriggerAsync(Request("key", OtherCommit))).Should()
            .ThrowExactlyAsync<BuildRunnerException>();
        setup.GitLab.Creates.Should().Be(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_project_without_pipeline_variables_builds_it_without_a_name(bool hasTriggerToken)
    {
        await using var setup = Setup(options =>
            options.TriggerToken = hasTriggerToken ? static _ => new(GitLabSetup.TriggerToken) : null);
        setup.GitLab.RefusesVariables = true;

        var buildId = await setup.Runner.TriggerAsync(Request("key"));

        setup.GitLab.Creates.Should().Be(2);
        setup.GitLab.Pipelines.Should().ContainSingle().Which.Variables.Should().BeEmpty();
        (await setup.Runner.FindAsync("key")).Should().Be(buildId, "this process has created it");
        await FluentActions.Awaiting(() => setup.CreateRunner().FindAsync("key")).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    [Fact]
    public async Task A_branch_that_is_not_there_yet_may_come()
    {
        await using var setup = Setup();
        setup.GitLab.Branches.TryRemove("build/one", out _);

        (await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(Request())).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_pipeline_file_that_is_wrong_is_the_change_s()
    {
        await using var setup = Setup();
        setup.GitLab.Fail(FakeGitLab.IsCreate, FakeReply.Json(400, GitLabAnswers.Refusal("jobs config should contain at least one job")));

        (await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(Request())).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeFalse();
    }

    [Fact]
    public async Task A_request_that_was_not_merged_is_refused_unsent()
    {
        await using var setup = Setup();

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitLabSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerException>();
        setup.GitLab.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_webhook_names_the_build_as_its_trigger_has_and_lists_confirm_it()
    {
        await using var setup = Setup(static options => options.WebhookSecrets = static _ => new(["secret"]));
        var buildId = await setup.Runner.TriggerAsync(Request());
        var pipeline = setup.GitLab.PipelineOf(buildId);
        pipeline.Set(setup.GitLab.Now, "running");
        var body = $$$"""{"object_kind":"pipeline","object_attributes":{"id":{{{pipeline.Id}}},"sha":"{{{Commit}}}"},"project":{"path_with_namespace":"acme/shop"}}""";
        Dictionary<string, string> headers = new() { ["X-Gitlab-Token"] = "secret" };

        (await setup.Runner.ReadWebhookAsync(headers, Encoding.UTF8.GetBytes(body))).Should().Equal(buildId);
        await setup.Runner.StatusAsync(buildId);
        var before = setup.CountOf("GET", $"/pipelines/{pipeline.Id}");
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        await setup.Runner.StatusAsync(buildId);
        setup.CountOf("GET", $"/pipelines/{pipeline.Id}").Should().Be(before);
    }

    private static BuildRequest Request(string? key = null, string commit = Commit) =>
        new() { Head = [new Change($"git://gitlab.com/acme/shop/refs%2Fheads%2Fbuild%2Fone/{commit}")], TriggerKey = key };

    private static GitLabSetup Setup(Action<GitLabBuildRunnerOptions>? configure = null)
    {
        GitLabSetup setup = new(options =>
        {
            options.Changes = ChangesForm.Merged;
            configure?.Invoke(options);
        });
        setup.GitLab.Branches["build/one"] = Commit;
        return setup;
    }
}
