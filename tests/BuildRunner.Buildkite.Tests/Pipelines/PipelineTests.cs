using System.Text.Json;
using BuildRunner.Git;
using YamlDotNet.RepresentationModel;

namespace BuildRunner.Buildkite.Tests.Pipelines;

/// <summary>What the pipelines of the documentation say, and what their step does on a repository.</summary>
public sealed class PipelineTests
{
    private const string Document = "pipeline-document";

    [Theory]
    [InlineData("pipeline")]
    [InlineData(Document)]
    public void No_variable_is_named_that_Buildkite_would_put_into_a_command(string pipeline) =>
        PipelineRun.TextOf(pipeline).Should().NotContain("$");

    [Theory]
    [InlineData("pipeline", "-1")]
    [InlineData(Document, "-1 75")]
    public void What_is_no_fault_of_the_change_is_tried_again(string pipeline, string exitStatuses)
    {
        var rules = (YamlSequenceNode)PipelineRun.StepOf(pipeline)["retry"]["automatic"];

        rules.Select(static rule => rule["exit_status"].ToString()).Should().Equal(exitStatuses.Split(' '));
    }

    [Fact]
    public async Task Base_and_head_are_merged_and_the_result_is_verified()
    {
        var (repository, main) = await PipelineRun.CreateRepositoryAsync();
        using var _ = repository;
        var first = await repository.CommitAsync("first", ("first.txt", "first\n"));
        var head = await repository.CommitAsync("head", ("head.txt", "head\n"));
        await repository.GitAsync("checkout", "--quiet", "--detach", main);
        await repository.GitAsync("merge", "--quiet", "--no-edit", first, head);

        using var run = await PipelineRun.StartAsync(Document, repository, RequestOf([ChangeOf("first", first)], [ChangeOf("head", head)]));

        run.ExitCode.Should().Be(0, run.Output);
        run.VerifiedTree.Should().Be(await repository.TipAsync("HEAD^{tree}"));
    }

    [Fact]
    public async Task A_change_that_conflicts_and_one_that_is_gone_are_told_apart_and_never_verified()
    {
        var (repository, _) = await PipelineRun.CreateRepositoryAsync();
        using var __ = repository;
        var one = await repository.CommitAsync("one", ("target.txt", "one\n"));
        var other = await repository.CommitAsync("other", ("target.txt", "other\n"));

        var both = RequestOf([ChangeOf("one", one)], [ChangeOf("other", other)]);
        using var conflict = await PipelineRun.StartAsync(Document, repository, both);
        using var gone = await PipelineRun.StartAsync(Document, repository, RequestOf([], [ChangeOf("one", new string('1', 40))]));

        (conflict.ExitCode, gone.ExitCode).Should().Be((1, 75), conflict.Output + gone.Output);
        (conflict.VerifiedTree, gone.VerifiedTree).Should().Be((null, null));
    }

    [Fact]
    public async Task A_merged_commit_is_verified_as_it_is()
    {
        var (repository, main) = await PipelineRun.CreateRepositoryAsync();
        using var _ = repository;

        using var run = await PipelineRun.StartAsync("pipeline", repository, "");

        run.VerifiedTree.Should().Be(await repository.TipAsync($"{main}^{{tree}}"));
    }

    internal static string RequestOf(Change[] @base, Change[] head) =>
        JsonSerializer.Serialize(new BuildRequest { Base = @base, Head = head });

    internal static Change ChangeOf(string branch, string commitId) =>
        GitChange.Create("github.com", "acme/shop", $"refs/heads/{branch}", commitId);
}
