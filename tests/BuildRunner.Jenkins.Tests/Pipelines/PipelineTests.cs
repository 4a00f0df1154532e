using System.Text.Json;
using BuildRunner.Git.Tests.Fixtures;
using BuildRunner.Http;

namespace BuildRunner.Jenkins.Tests.Pipelines;

/// <summary>What the pipelines say, and what their shell steps do on a repository.</summary>
public sealed class PipelineTests
{
    private const string Script = ".jenkins/apply.py";

    public static TheoryData<string> Injections =>
    [
        "$(touch pwned)",
        "`touch pwned`",
        "\"; touch pwned; \"",
        "'; touch pwned; '",
        "x\ntouch pwned\n",
        "x\r\ntouch pwned\r\n",
        "x && touch pwned #",
        "${params.BUILD_KEY} $BUILD_KEY ${IFS} %0a",
        "--upload-pack=touch pwned",
        "-c core.sshCommand=touch${IFS}pwned",
        "../../../../etc/passwd",
        "main:refs/heads/pwned",
        "main",
        "HEAD",
        "\u202e\ud83d\ude00",
        "",
    ];

    [Theory]
    [InlineData(ChangesForm.Document)]
    [InlineData(ChangesForm.Merged)]
    public async Task It_declares_what_the_runner_sends(ChangesForm changes)
    {
        var pipeline = changes == ChangesForm.Merged ? Jenkinsfile.Merged : Jenkinsfile.Document;
        await using JenkinsSetup setup = new(options => options.Changes = changes);
        setup.Jenkins.Declared.Clear();
        pipeline.Parameters.ToList().ForEach(parameter => setup.Jenkins.Declared[parameter.Key] = parameter.Value);
        var change = $"git://github.com/acme/shop/refs%2Fheads%2Fbuild%2Fone/{new string('1', 40)}";

        var buildId = await setup.Runner.TriggerAsync(new BuildRequest { Head = [new Change(change)] });

        setup.Jenkins.BuildOf(buildId).Parameters.Should().HaveSameCount(pipeline.Parameters)
            .And.NotContain(static parameter => parameter.Value.Length == 0);
    }

    [Theory]
    [InlineData("Jenkinsfile")]
    [InlineData("Jenkinsfile-document")]
    public void Nothing_is_spliced_into_a_script(string name)
    {
        var pipeline = Jenkinsfile.Read(name);

        pipeline.Steps.Should().HaveCount(4).And.StartWith(["deleteDir()", "checkout scm"]).And.EndWith("make test");
        pipeline.Content.Should().NotContain("params.").And.NotContain("env.").And.NotContain("sh \"").And.NotContain("\"\"\"");
        pipeline.Steps.Aggregate(pipeline.Content, static (rest, step) => rest.Replace(step, "", StringComparison.Ordinal)).Should()
            .NotContain("$", "Groovy would replace it");
    }

    [Fact]
    public async Task Base_and_head_are_merged_and_the_result_is_verified()
    {
        using var repository = await CreateAsync();
        var first = await repository.CommitAsync("first", ("first.txt", "first\n"));
        var head = await repository.CommitAsync("head", ("head.txt", "head\n"));
        await repository.GitAsync("checkout", "--quiet", "--detach", TestRepository.Main);
        await repository.GitAsync("merge", "--quiet", "--no-edit", first, head);

        using var run = await BuildAsync(
            repository, new BuildRequest { Base = [ChangeOf("first", first)], Head = [ChangeOf("head", head)] });

        run.Succeeded.Should().BeTrue(run.Output);
        run.VerifiedTree.Should().Be(await repository.TipAsync("HEAD^{tree}"));
    }

    [Fact]
    public async Task A_conflict_fails_the_build_unverified()
    {
        using var repository = await CreateAsync();
        var one = await repository.CommitAsync("one", ("target.txt", "one\n"));
        var other = await repository.CommitAsync("other", ("target.txt", "other\n"));

        using var run = await BuildAsync(
            repository, new BuildRequest { Base = [ChangeOf("one", one)], Head = [ChangeOf("other", other)] });

        (run.Succeeded, run.VerifiedTree).Should().Be((false, null), run.Output);
        run.Output.Should().Contain("head: refs/heads/other");
    }

    [Fact]
    public async Task A_merged_commit_is_verified_and_no_later_one_of_its_branch()
    {
        using var repository = await CreateAsync();
        var merged = await repository.CommitAsync("build/one", ("head.txt", "head\n"));
        await repository.CommitAsync("build/one", ("later.txt", "later\n"));

        using var run = await PipelineRun.StartAsync(
            Jenkinsfile.Merged, repository, ("BUILD_BRANCH", "build/one"), ("BUILD_COMMIT", merged), ("BUILD_KEY", "br-0f3a"));

        run.Succeeded.Should().BeTrue(run.Output);
        run.VerifiedTree.Should().Be(await repository.TipAsync(merged + "^{tree}"));
    }

    [Slow]
    [Fact]
    public async Task What_a_stranger_sends_as_a_request_is_data()
    {
        using var repository = await CreateAsync();
        using var run = await BuildAsync(repository, new BuildRequest());
        run.Succeeded.Should().BeTrue(run.Output);

        foreach (var value in Injections.Select(static row => row.Data))
        {
            var reference = Uri.EscapeDataString("refs/heads/" + value);
            var uris = new[] { $"git://{value}/y/refs%2Fheads%2Fmain/{value}", $"git://x/y/{reference}/{new string('1', 40)}" };
            var requests = uris.Select(static uri => $$"""{"base":[],"head":[{"uris":[{{JsonSerializer.Serialize(uri)}}]}]}""");
            foreach (var request in requests.Prepend(value))
            {
                await run.RunAsync(("BUILD_REQUEST", request), ("BUILD_KEY", value));

                (run.Succeeded, run.VerifiedTree).Should().Be((false, null), run.Output);
                run.Injected.Should().BeEmpty();
            }
        }
    }

    [Slow]
    [Theory]
    [MemberData(nameof(Injections))]
    public async Task What_a_stranger_sends_as_a_branch_or_a_commit_is_data(string value)
    {
        using var repository = await CreateAsync();
        var main = await repository.TipAsync();
        using var run = await PipelineRun.StartAsync(
            Jenkinsfile.Merged, repository, ("BUILD_BRANCH", "main"), ("BUILD_COMMIT", main), ("BUILD_KEY", value));
        run.Succeeded.Should().BeTrue(run.Output);

        foreach (var (branch, commit) in new[] { (value, main[..39]), ("main", value) })
        {
            await run.RunAsync(("BUILD_BRANCH", branch), ("BUILD_COMMIT", commit), ("BUILD_KEY", value));

            (run.Succeeded, run.VerifiedTree).Should().Be((false, null), run.Output);
            run.Injected.Should().BeEmpty();
        }
    }

    [Slow]
    [Fact]
    public async Task What_is_executed_would_be_found()
    {
        using var repository = await CreateAsync();
        Jenkinsfile spliced = new(Jenkinsfile.Document.Content.Replace(
            "sh 'make test'", "sh 'eval echo \"$BUILD_KEY\"'", StringComparison.Ordinal));

        using var run = await PipelineRun.StartAsync(
            spliced, repository, ("BUILD_REQUEST", """{"head":[]}"""), ("BUILD_KEY", "$(touch pwned)"));

        run.Injected.Should().ContainSingle();
    }

    private static Change ChangeOf(string branch, string commitId) =>
        new($"git://github.com/acme/shop/{Uri.EscapeDataString("refs/heads/" + branch)}/{commitId}");

    private static async Task<TestRepository> CreateAsync()
    {
        var repository = await TestRepository.CreateAsync();
        var script = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "ci", "apply.py"));
        await repository.CommitAsync(TestRepository.Main, (Script, script));
        return repository;
    }

    private static Task<PipelineRun> BuildAsync(TestRepository repository, BuildRequest request) => PipelineRun.StartAsync(
        Jenkinsfile.Document, repository, ("BUILD_REQUEST", JsonSerializer.Serialize(request)), ("BUILD_KEY", "br-0f3a"));
}
