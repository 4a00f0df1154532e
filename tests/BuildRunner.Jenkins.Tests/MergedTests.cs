using System.Web;
using BuildRunner.Http;

namespace BuildRunner.Jenkins.Tests;

/// <summary>A commit into which everything is merged already.</summary>
public sealed class MergedTests
{
    private const string Commit = "0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10";
    private const string OtherCommit = "6f1d1c1f4a1c0d0b8f9d5d3f0a7be1c2d3e4f506";

    [Fact]
    public async Task The_branch_and_the_commit_are_sent_with_a_word_and_nothing_else()
    {
        await using var setup = Setup();

        var buildId = await setup.Runner.TriggerAsync(Request("key"));

        var form = HttpUtility.ParseQueryString(setup.Jenkins.Requests[^1].Body);
        form.AllKeys.Should().BeEquivalentTo("BUILD_KEY", "BUILD_BRANCH", "BUILD_COMMIT");
        (form["BUILD_BRANCH"], form["BUILD_COMMIT"]).Should().Be(("build/one", Commit));
        (await setup.Runner.StatusAsync(buildId)).Metadata[BuildMetadataKeys.Commit].Should().Be(Commit);
    }

    [Fact]
    public async Task A_build_of_the_commit_succeeds_and_names_it()
    {
        await using var setup = Setup();
        var buildId = await setup.Runner.TriggerAsync(Request());
        setup.Time.Advance(TimeSpan.FromSeconds(10));

        var snapshot = await setup.Runner.StatusAsync(buildId);

        (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.Commit]).Should().Be((BuildStatus.Succeeded, Commit));
    }

    [Theory]
    [InlineData("BUILD_KEY")]
    [InlineData("BUILD_BRANCH")]
    [InlineData("BUILD_COMMIT")]
    public async Task A_parameter_that_is_not_declared_is_named_before_anything_is_sent(string name)
    {
        await using var setup = Setup();
        setup.Jenkins.Declared.Remove(name);

        (await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.Message.Should().Contain(name);
        setup.Jenkins.Creates.Should().Be(0);
    }

    [Fact]
    public async Task A_build_that_has_lost_its_commit_is_no_success()
    {
        await using var setup = Setup();
        await setup.Runner.TriggerAsync(Request());
        setup.Jenkins.Declared.Remove("BUILD_COMMIT");
        var buildId = await setup.Runner.TriggerAsync(Request());
        setup.Time.Advance(TimeSpan.FromSeconds(10));

        var snapshot = await setup.Runner.StatusAsync(buildId);

        (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.FailureKind]).Should().Be((BuildStatus.Failed, BuildFailureKinds.Infra));
    }

    [Fact]
    public async Task The_same_key_gives_the_same_build_and_with_another_commit_is_refused()
    {
        await using var setup = Setup();
        var buildId = await setup.Runner.TriggerAsync(Request("key"));

        (await setup.CreateRunner().TriggerAsync(Request("key"))).Should().Be(buildId);
        (await setup.CreateRunner().FindAsync("key")).Should().Be(buildId);
        await FluentActions.Awaiting(() => setup.CreateRunner().TriggerAsync(Request("key", OtherCommit))).Should()
            .ThrowExactlyAsync<BuildRunnerException>();
        setup.Jenkins.Creates.Should().Be(1);
    }

    [Fact]
    public async Task A_request_that_was_not_merged_is_refused_unsent()
    {
        await using var setup = Setup();

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(JenkinsSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerException>();
        setup.Jenkins.Requests.Should().BeEmpty();
    }

    private static BuildRequest Request(string? key = null, string commit = Commit) =>
        new() { Head = [new Change($"git://github.com/acme/shop/refs%2Fheads%2Fbuild%2Fone/{commit}")], TriggerKey = key };

    private static JenkinsSetup Setup()
    {
        JenkinsSetup setup = new(static options => options.Changes = ChangesForm.Merged);
        setup.Jenkins.Declared.Clear();
        foreach (var name in new[] { "BUILD_KEY", "BUILD_BRANCH", "BUILD_COMMIT", "OTHER" })
        {
            setup.Jenkins.Declared[name] = "StringParameterDefinition";
        }

        return setup;
    }
}
