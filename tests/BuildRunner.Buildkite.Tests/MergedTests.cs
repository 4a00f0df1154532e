using System.Text.Json.Nodes;
using BuildRunner.Http;

namespace BuildRunner.Buildkite.Tests;

/// <summary>A commit into which everything is merged already.</summary>
public sealed class MergedTests
{
    private const string Commit = "0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10";
    private const string OtherCommit = "6f1d1c1f4a1c0d0b8f9d5d3f0a7be1c2d3e4f506";

    [Fact]
    public async Task The_branch_and_its_commit_are_built_with_their_key_and_nothing_else()
    {
        await using var setup = Setup();

        var buildId = await setup.Runner.TriggerAsync(Request("key"));

        var build = setup.Buildkite.BuildOf(buildId);
        (build.Branch, build.Commit).Should().Be(("build/one", Commit));
        build.Env.Should().BeEmpty();
        build.MetaData.Select(static pair => pair.Key).Should().BeEquivalentTo("build_runner", "build_key", "build_digest");
        JsonNode.Parse(setup.Buildkite.Requests.Single(FakeBuildkite.IsCreate).Body)!.AsObject().ContainsKey("env").Should().BeFalse();
    }

    [Fact]
    public async Task A_build_names_its_commit()
    {
        await using var setup = Setup();
        var buildId = await setup.Runner.TriggerAsync(Request());
        setup.Time.Advance(TimeSpan.FromSeconds(10));

        var snapshot = await setup.CreateRunner().StatusAsync(buildId);

        (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.Commit]).Should().Be((BuildStatus.Succeeded, Commit));
    }

    [Fact]
    public async Task The_same_key_gives_the_same_build_and_with_another_commit_is_refused()
    {
        await using var setup = Setup();
        var buildId = await setup.Runner.TriggerAsync(Request("key"));

        (await setup.CreateRunner().TriggerAsync(Request("key"))).Should().Be(buildId);
        await FluentActions.Awaiting(() => setup.CreateRunner().TriggerAsync(Request("key", OtherCommit))).Should()
            .ThrowExactlyAsync<BuildRunnerException>();
        setup.Buildkite.Creates.Should().Be(1);
    }

    [Fact]
    public async Task Builds_of_one_branch_may_end_each_other_since_each_commit_has_its_own()
    {
        await using var setup = Setup();
        (setup.Buildkite.SkipsQueued, setup.Buildkite.CancelsRunning) = (true, true);
        var first = await setup.Runner.TriggerAsync(Request());
        var second = await setup.Runner.TriggerAsync(Request(branch: "two"));
        setup.Time.Advance(TimeSpan.FromSeconds(10));

        (await setup.Runner.StatusAsync(first)).Status.Should().Be(BuildStatus.Succeeded);
        (await setup.Runner.StatusAsync(second)).Status.Should().Be(BuildStatus.Succeeded);
        setup.Buildkite.Requests.Should().HaveCount(5, "two are created, and the list and each end are read");
    }

    [Fact]
    public async Task A_request_that_was_not_merged_is_refused_unsent()
    {
        await using var setup = Setup();

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(BuildkiteSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerException>();
        setup.Buildkite.Requests.Should().BeEmpty();
    }

    private static BuildRequest Request(string? key = null, string commit = Commit, string branch = "one") =>
        new() { Head = [new Change($"git://github.com/acme/shop/refs%2Fheads%2Fbuild%2F{branch}/{commit}")], TriggerKey = key };

    private static BuildkiteSetup Setup() => new(static options => options.Changes = ChangesForm.Merged);
}
