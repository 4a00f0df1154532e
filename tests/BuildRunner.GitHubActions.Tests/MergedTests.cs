using System.Text;
using BuildRunner.Http;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>A commit into which everything is merged already.</summary>
public sealed class MergedTests
{
    private const string Commit = "0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10";
    private const string OtherCommit = "6f1d1c1f4a1c0d0b8f9d5d3f0a7be1c2d3e4f506";

    [Fact]
    public async Task The_branch_is_dispatched_with_its_key_and_nothing_else()
    {
        await using var setup = Setup();

        var buildId = await setup.Runner.TriggerAsync(Request("key"));

        var run = setup.GitHub.RunOf(buildId);
        run.Reference.Should().Be("build/one");
        run.Inputs.Select(static input => input.Key).Should().Equal("build_key");
        buildId.Value.Should().Be($"{run.Id}-{Commit[..16]}");
    }

    [Fact]
    public async Task A_workflow_without_inputs_builds_branches_as_it_is()
    {
        await using var setup = Setup();
        setup.GitHub.Inputs.Clear();
        setup.GitHub.RunName = "";

        var buildId = await setup.Runner.TriggerAsync(Request("key"));

        setup.GitHub.RunOf(buildId).Inputs.Should().BeEmpty();
        setup.GitHub.Runs.Should().ContainSingle();
    }

    [Fact]
    public async Task The_workflow_file_of_one_branch_does_not_take_the_keys_of_the_others()
    {
        await using var setup = Setup();
        setup.GitHub.Inputs.Remove("build_key");
        await setup.Runner.TriggerAsync(Request("one"));
        setup.GitHub.Inputs.Add("build_key");

        var buildId = await setup.Runner.TriggerAsync(Request("two"));

        setup.GitHub.RunOf(buildId).Inputs.Should().ContainSingle();
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        (await setup.CreateRunner().FindAsync("two")).Should().Be(buildId);
    }

    [Fact]
    public async Task The_workflow_file_of_one_branch_does_not_take_the_question_for_the_run_from_the_others()
    {
        await using var setup = Setup();
        setup.GitHub.Fail(static request => request.Method == "POST",
            FakeReply.Json(422, GitHubAnswers.Error(422, "Required input 'return_run_details' not provided")));
        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(Request("one"))).Should().ThrowAsync<BuildRunnerException>();

        await setup.Runner.TriggerAsync(Request("two"));

        setup.GitHub.Requests[^1].Body.Should().Contain("return_run_details");
    }

    [Fact]
    public async Task A_run_of_the_commit_succeeds_and_names_it()
    {
        await using var setup = Setup();
        var buildId = await setup.Runner.TriggerAsync(Request());
        setup.Time.Advance(TimeSpan.FromSeconds(10));

        var snapshot = await setup.Runner.StatusAsync(buildId);

        (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.Commit]).Should().Be((BuildStatus.Succeeded, Commit));
    }

    [Theory]
    [InlineData("success")]
    [InlineData("failure")]
    public async Task A_run_of_another_commit_is_never_a_success_and_blames_no_change_also_after_a_restart(string conclusion)
    {
        await using var setup = Setup();
        setup.GitHub.Branches["build/one"] = OtherCommit;
        var buildId = await setup.Runner.TriggerAsync(Request("key"));
        setup.GitHub.RunOf(buildId).Set(setup.Time.GetUtcNow(), "completed", conclusion);

        foreach (var runner in new[] { setup.Runner, setup.CreateRunner() })
        {
            (await runner.FindAsync("key")).Should().Be(buildId);
            var snapshot = await runner.StatusAsync(buildId);

            snapshot.Status.Should().Be(BuildStatus.Failed);
            snapshot.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Infra);
            snapshot.Metadata[BuildMetadataKeys.Commit].Should().Be(OtherCommit);
        }
    }

    [Fact]
    public async Task A_run_that_succeeded_for_one_commit_has_not_for_another()
    {
        await using var setup = Setup();
        var buildId = await setup.Runner.TriggerAsync(Request());
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        var number = setup.GitHub.RunOf(buildId).Id;

        (await setup.Runner.StatusAsync(new BuildId($"{number}"))).Status.Should().Be(BuildStatus.Succeeded);
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
        (await setup.Runner.StatusAsync(new BuildId($"{number}-{OtherCommit[..16]}"))).Status.Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task The_same_key_gives_the_same_run_and_with_another_commit_is_refused()
    {
        await using var setup = Setup();
        var buildId = await setup.Runner.TriggerAsync(Request("key"));

        (await setup.CreateRunner().TriggerAsync(Request("key"))).Should().Be(buildId);
        (await FluentActions.Awaiting(() => setup.CreateRunner().TriggerAsync(Request("key", OtherCommit))).Should()
            .ThrowExactlyAsync<BuildRunnerException>()).Which.Message.Should().Contain("another commit");
        setup.GitHub.Dispatches.Should().Be(1);
    }

    [Fact]
    public async Task A_branch_that_is_not_there_yet_may_come()
    {
        await using var setup = Setup();
        setup.GitHub.Branches.TryRemove("build/one", out _);

        (await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(Request())).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_request_that_was_not_merged_is_refused_unsent()
    {
        await using var setup = Setup();

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitHubSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerException>();
        setup.GitHub.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_webhook_names_the_build_as_its_trigger_has()
    {
        await using var setup = Setup();
        var buildId = await setup.Runner.TriggerAsync(Request());
        var body = Encoding.UTF8.GetBytes($$$"""{"workflow_run":{"id":{{{setup.GitHub.RunOf(buildId).Id}}},"head_sha":"{{{Commit}}}"},"repository":{"full_name":"acme/shop"}}""");
        var signature = "sha256=" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("secret"u8, body));

        Dictionary<string, string> headers = new() { ["X-Hub-Signature-256"] = signature, ["X-GitHub-Event"] = "workflow_run" };

        var builds = await setup.Runner.ReadWebhookAsync(headers, body);

        builds.Should().Equal(buildId);
    }

    private static BuildRequest Request(string? key = null, string commit = Commit) =>
        new() { Head = [new Change($"git://github.com/acme/shop/refs%2Fheads%2Fbuild%2Fone/{commit}")], TriggerKey = key };

    private static GitHubSetup Setup()
    {
        GitHubSetup setup = new(configure: static options =>
        {
            options.Changes = ChangesForm.Merged;
            options.WebhookSecrets = static _ => new(["secret"]);
        });
        setup.GitHub.Branches["build/one"] = Commit;
        return setup;
    }
}
