using System.Diagnostics;
using System.Text.Json;
using static BuildRunner.GitHubActions.Spec.Tests.Workflows.WorkflowRepository;

namespace BuildRunner.GitHubActions.Spec.Tests.Workflows;

/// <summary>Runs what <c>build-document.yml</c> and <c>apply.py</c> say, on a repository.</summary>
public sealed class DocumentWorkflowTests
{
    private const int DoesNotApply = 1;
    private const int NoFaultOfTheChange = 75;

    [Fact]
    public async Task Base_and_head_are_merged_and_the_result_is_verified()
    {
        using var repository = await CreateAsync();
        var first = await repository.Git.CommitAsync("first", ("first.txt", "first\n"));
        var second = await repository.Git.CommitAsync("second", ("second.txt", "second\n"));
        var head = await repository.Git.CommitAsync("head", ("head.txt", "head\n"));
        await repository.Git.GitAsync("checkout", "--quiet", "--detach", repository.Main);
        await repository.Git.GitAsync("merge", "--quiet", "--no-edit", first, second, head);

        using var run = await repository.BuildAsync([ChangeOf("first", first), ChangeOf("second", second)], [ChangeOf("head", head)]);

        run.Succeeded.Should().BeTrue(run.Output);
        run.VerifiedTree.Should().Be(await repository.Git.TipAsync("HEAD^{tree}"));
    }

    [Fact]
    public async Task A_change_is_built_at_its_commit_and_not_at_the_tip_of_its_branch()
    {
        using var repository = await CreateAsync();
        var head = await repository.Git.CommitAsync("head", ("head.txt", "head\n"));
        await repository.Git.CommitAsync("head", ("later.txt", "later\n"));

        using var run = await repository.BuildAsync([], [ChangeOf("head", head)]);

        run.VerifiedTree.Should().Be(await repository.Git.TipAsync(head + "^{tree}"));
    }

    [Fact]
    public async Task A_stack_is_applied_whole()
    {
        using var repository = await CreateAsync();
        var lower = await repository.Git.CommitAsync("lower", ("lower.txt", "lower\n"));
        var upper = await repository.Git.CommitAsync("upper", ("upper.txt", "upper\n"));

        using var run = await repository.BuildAsync([], [new Change([.. ChangeOf("lower", lower).Uris, .. ChangeOf("upper", upper).Uris])]);

        run.Succeeded.Should().BeTrue(run.Output);
        File.Exists(Path.Combine(run.WorkTree, "lower.txt")).Should().BeTrue();
        File.Exists(Path.Combine(run.WorkTree, "upper.txt")).Should().BeTrue();
    }

    [Fact]
    public async Task Without_changes_the_branch_itself_is_verified()
    {
        using var repository = await CreateAsync();

        using var run = await repository.BuildAsync([], []);

        run.VerifiedTree.Should().Be(await repository.Git.TipAsync(repository.Main + "^{tree}"));
    }

    [Fact]
    public async Task A_conflict_fails_the_run_unverified()
    {
        using var repository = await CreateAsync();
        var one = await repository.Git.CommitAsync("one", ("target.txt", "one\n"));
        var other = await repository.Git.CommitAsync("other", ("target.txt", "other\n"));

        using var run = await repository.BuildAsync([ChangeOf("one", one)], [ChangeOf("other", other)]);

        ShouldHaveFailedUnverified(run, DoesNotApply);
        run.Output.Should().Contain("head: refs/heads/other");
    }

    [Fact]
    public async Task A_commit_that_is_gone_fails_the_run_unverified()
    {
        using var repository = await CreateAsync();
        await repository.Git.CommitAsync("head", ("head.txt", "head\n"));

        using var run = await repository.BuildAsync([], [ChangeOf("head", new string('1', 40))]);

        ShouldHaveFailedUnverified(run, NoFaultOfTheChange);
    }

    [Fact]
    public async Task A_branch_that_is_gone_fails_the_run_unverified()
    {
        using var repository = await CreateAsync();

        using var run = await repository.BuildAsync([], [ChangeOf("head", repository.Main)]);

        ShouldHaveFailedUnverified(run, NoFaultOfTheChange);
    }

    [Fact]
    public async Task A_change_without_a_common_history_does_not_apply()
    {
        using var repository = await CreateAsync();
        var tree = await repository.Git.TipAsync(repository.Main + "^{tree}");
        var head = (await repository.Git.GitAsync("commit-tree", "-m", "of no parent", tree)).Trim();
        await repository.Git.GitAsync("branch", "head", head);

        using var run = await repository.BuildAsync([], [ChangeOf("head", head)]);

        ShouldHaveFailedUnverified(run, DoesNotApply);
    }

    [Fact]
    public async Task A_merge_that_cannot_be_written_is_no_fault_of_the_change()
    {
        using var repository = await CreateAsync();
        var head = await repository.Git.CommitAsync("head", ("head.txt", "head\n"));
        using var run = await repository.BuildAsync([], []);
        await File.WriteAllTextAsync(Path.Combine(run.WorkTree, ".git", "index.lock"), "", TestContext.Current.CancellationToken);
        var request = JsonSerializer.Serialize(new BuildRequest { Head = [ChangeOf("head", head)] });

        await run.RunAgainAsync(("build_request", request), ("build_key", "br-0f3a"));

        ShouldHaveFailedUnverified(run, NoFaultOfTheChange);
    }

    [Fact]
    public async Task Without_the_script_the_run_fails_unverified()
    {
        using var repository = await CreateAsync(withScript: false);

        using var run = await repository.BuildAsync([], []);

        ShouldHaveFailedUnverified(run);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"head":null}""")]
    [InlineData("""{"head":{}}""")]
    [InlineData("""{"head":""}""")]
    [InlineData("""{"base":"","head":[]}""")]
    [InlineData("""{"base":{},"head":[]}""")]
    [InlineData("""{"base":[],"head":[{}]}""")]
    [InlineData("""{"base":[],"head":[{"uris":[]}]}""")]
    [InlineData("""{"base":[],"head":[{"uris":""}]}""")]
    [InlineData("""{"base":[],"head":[{"uris":[null]}]}""")]
    [InlineData("""{"base":[],"head":["git://github.com/acme/shop/refs%2Fheads%2Fmain/1111111111111111111111111111111111111111"]}""")]
    [InlineData("""{"head":[{"uris":["https://github.com/acme/shop/pull/12"]}],"head":[]}""")]
    public async Task A_request_in_another_form_is_never_green(string request)
    {
        using var repository = await CreateAsync();

        using var run = await repository.BuildAsync(request);

        ShouldHaveFailedUnverified(run);
    }

    [Fact]
    public async Task Only_the_fetch_has_the_token_and_only_for_the_server()
    {
        using var repository = await CreateAsync();
        var head = await repository.Git.CommitAsync("head", ("head.txt", "head\n"));
        var step = WorkflowFile.Document.Steps.Single(static step => step.Name == "apply");

        using var run = await repository.BuildAsync([], [ChangeOf("head", head)]);

        (await AskAsync(step, "https://github.example")).Should().Contain("username=x-access-token").And.Contain("password=ghs_token");
        (await AskAsync(step, "https://elsewhere.example")).Should().NotContain("ghs_token");
        run.VerifiedEnvironment.Should().NotContain("ghs_token").And.NotContain("credential");
    }

    private static void ShouldHaveFailedUnverified(WorkflowRun run, int exitCode)
    {
        ShouldHaveFailedUnverified(run);
        run.ExitCode.Should().Be(exitCode, run.Output);
    }

    private static void ShouldHaveFailedUnverified(WorkflowRun run)
    {
        run.Succeeded.Should().BeFalse(run.Output);
        run.VerifiedTree.Should().BeNull();
    }

    // What git would send to a server, with the environment of the step.
    private static async Task<string> AskAsync(WorkflowStep step, string server)
    {
        ProcessStartInfo start = new("git", ["credential", "fill"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var variables = step.Env.ToDictionary(static pair => pair.Key, string? (pair) => pair.Value);
        foreach (var (name, value) in TestRepository.CleanEnvironment().Concat(variables))
        {
            start.Environment[name] = value?
                .Replace("${{ github.server_url }}", "https://github.example", StringComparison.Ordinal)
                .Replace("${{ github.token }}", "ghs_token", StringComparison.Ordinal);
        }

        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        using var git = Process.Start(start)!;
        await git.StandardInput.WriteAsync($"url={server}/acme/shop\n\n");
        git.StandardInput.Close();
        var answer = await git.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        return answer;
    }
}
