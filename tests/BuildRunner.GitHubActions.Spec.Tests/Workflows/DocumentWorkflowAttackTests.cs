using System.Text;
using System.Text.Json;
using static BuildRunner.GitHubActions.Spec.Tests.Workflows.WorkflowRepository;

namespace BuildRunner.GitHubActions.Spec.Tests.Workflows;

/// <summary>Runs <c>build-document.yml</c> on what somebody sends who wants more than a build.</summary>
[Slow]
public sealed class DocumentWorkflowAttackTests(AttackedRun attacked) : IClassFixture<AttackedRun>
{
    private const string Commit = "1111111111111111111111111111111111111111";

    // As GitHub limits all inputs of a run together.
    private const int Largest = 65_535;

    public static TheoryData<string> Injections =>
    [
        "$(touch pwned)",
        "`touch pwned`",
        "\"; touch pwned; \"",
        "'; touch pwned; '",
        "x\ntouch pwned\n",
        "x\r\ntouch pwned\r\n",
        "x && touch pwned #",
        "${{ secrets.DEPLOY_KEY }}",
        "$BUILD_TOKEN ${IFS} %0a",
        "--upload-pack=touch pwned",
        "-c core.sshCommand=touch${IFS}pwned",
        "../../../../etc/passwd",
        "ext::sh -c touch% pwned",
        "file:///tmp",
        "\u0000",
        "\u202e\ud83d\ude00",
    ];

    public static TheoryData<string> References =>
    [
        "refs/heads/main:refs/heads/pwned",
        "refs/heads/main:refs/remotes/origin/main",
        "+refs/heads/main",
        "refs/heads/*",
        "refs/heads/../../config",
        "refs/heads/--upload-pack=touch pwned",
        "refs/--upload-pack=touch",
        "--upload-pack=touch pwned",
        "refs/heads/$(touch pwned)",
        "refs/heads/`touch pwned`",
        "refs/heads/x\ntouch pwned",
        "refs/heads/x\0",
        "^refs/heads/main",
        "refs/",
        "refs/heads/main@{1}",
        "HEAD",
        "",
    ];

    [Theory]
    [MemberData(nameof(Injections))]
    public async Task A_whole_input_is_data(string value)
    {
        // No environment has this character in it.
        await ShouldBeHarmlessAsync(value.Replace("\0", "\\0", StringComparison.Ordinal), value);
    }

    [Theory]
    [MemberData(nameof(Injections))]
    public async Task An_address_is_data(string value)
    {
        string[] uris =
        [
            $"git://{value}/shop/refs%2Fheads%2Fmain/{attacked.Main}x",
            $"git://github.com/acme/shop/{Uri.EscapeDataString("refs/heads/" + value)}/{attacked.Main}",
            $"git://github.com/acme/shop/refs%2Fheads%2Fmain/{value}",
        ];

        foreach (var uri in uris)
        {
            await ShouldBeHarmlessAsync(RequestOf(uri));
        }
    }

    [Fact]
    public Task Nothing_follows_a_commit() =>
        ShouldBeHarmlessAsync(RequestOf($"git://github.com/acme/shop/refs%2Fheads%2Fmain/{attacked.Main}\n"));

    [Theory]
    [MemberData(nameof(References))]
    public Task A_reference_that_is_none_is_refused(string reference) =>
        ShouldBeHarmlessAsync(RequestOf($"git://github.com/acme/shop/{Uri.EscapeDataString(reference)}/{attacked.Main}"));

    [Fact]
    public async Task A_reference_that_looks_like_a_command_is_a_reference()
    {
        using var repository = await CreateAsync();
        const string Branch = "$(touch${IFS}pwned);`touch${IFS}pwned`;'\"&&touch";
        var head = await repository.Git.CommitAsync(Branch, ("head.txt", "head\n"));

        using var run = await repository.BuildAsync([], [ChangeOf(Branch, head)]);

        run.Succeeded.Should().BeTrue(run.Output);
        run.VerifiedTree.Should().Be(await repository.Git.TipAsync(head + "^{tree}"));
        run.Injected.Should().BeEmpty();
    }

    [Fact]
    public async Task Other_members_of_a_request_are_data()
    {
        using var repository = await CreateAsync();
        BuildRequest request = new()
        {
            Metadata = BuildMetadata.Create(new("PATH", "/nowhere"), new("LD_PRELOAD", "$(touch pwned)")),
            TriggerKey = "`touch pwned`",
        };

        using var run = await repository.BuildAsync(JsonSerializer.Serialize(request), "`touch pwned`");

        run.Succeeded.Should().BeTrue(run.Output);
        run.Injected.Should().BeEmpty();
    }

    [Fact]
    public async Task The_largest_input_and_the_deepest_are_refused_like_any_other()
    {
        var uris = new StringBuilder();
        while (uris.Length < Largest - 200)
        {
            uris.Append($"\"git://github.com/acme/shop/refs%2Fheads%2Fnone/{Commit}\",");
        }

        await ShouldBeHarmlessAsync($$"""{"base":[],"head":[{"uris":[{{uris.ToString().TrimEnd(',')}}]}]}""");
        await ShouldBeHarmlessAsync(new string('[', Largest));
    }

    [Fact]
    public async Task A_change_that_replaces_the_script_is_applied_by_the_script_of_the_branch()
    {
        using var repository = await CreateAsync();
        const string Injected = "import pathlib; pathlib.Path('pwned').touch()\n";
        var evil = await repository.Git.CommitAsync(
            "evil",
            (Script, Injected),
            (".github/buildrunner/json.py", Injected),
            (".github/buildrunner/subprocess.py", Injected),
            ("json.py", Injected),
            ("sitecustomize.py", Injected));
        var head = await repository.Git.CommitAsync("head", ("head.txt", "head\n"));

        using var run = await repository.BuildAsync([ChangeOf("evil", evil)], [ChangeOf("head", head)]);

        run.Succeeded.Should().BeTrue(run.Output);
        run.Injected.Should().BeEmpty();
    }

    [Fact]
    public async Task The_script_imports_nothing_of_the_repository()
    {
        using var repository = await CreateAsync();
        var main = await repository.Git.CommitAsync(
            TestRepository.Main,
            (".github/buildrunner/json.py", "import pathlib; pathlib.Path('pwned').touch()\nfrom sys import exit as loads\n"));

        using var run = await WorkflowRun.StartAsync(WorkflowFile.Document, repository.Git, main, ("build_request", """{"head":[]}"""));

        run.Succeeded.Should().BeTrue(run.Output);
        run.Injected.Should().BeEmpty();
    }

    [Fact]
    public async Task Merging_runs_nothing_that_a_change_brings()
    {
        using var repository = await CreateAsync();
        var evil = await repository.Git.CommitScriptAsync(
            "evil",
            """
            printf '* filter=evil merge=evil diff=evil\n' > .gitattributes
            printf '[filter "evil"]\n\tsmudge = touch pwned\n\tclean = touch pwned\n[merge "evil"]\n\tdriver = touch pwned\n' > .gitconfig
            mkdir -p .githooks hooks && printf '#!/bin/sh\ntouch pwned\n' > hooks/post-merge
            chmod +x hooks/post-merge && cp hooks/post-merge .githooks/
            printf '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch%% pwned\n\tupdate = !touch pwned\n' > .gitmodules
            """);
        var head = await repository.Git.CommitAsync("head", ("head.txt", "head\n"));

        using var run = await repository.BuildAsync([ChangeOf("evil", evil)], [ChangeOf("head", head)]);

        run.Succeeded.Should().BeTrue(run.Output);
        run.Injected.Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_executed_would_be_found()
    {
        using var repository = await CreateAsync();
        const string Spliced = "run: echo ${{ inputs.build_key }}";
        WorkflowFile spliced = new(WorkflowFile.Document.Content.Replace("run: make test", Spliced, StringComparison.Ordinal));

        using var run = await WorkflowRun.StartAsync(
            spliced, repository.Git, repository.Main, ("build_request", """{"base":[],"head":[]}"""), ("build_key", "$(touch pwned)"));

        run.Injected.Should().ContainSingle();
    }

    private static string RequestOf(string uri) => $$"""{"base":[],"head":[{"uris":[{{JsonSerializer.Serialize(uri)}}]}]}""";

    private async Task ShouldBeHarmlessAsync(string request, string key = "br-0f3a")
    {
        var run = attacked.Run;

        await run.RunAgainAsync(("build_request", request), ("build_key", key));

        run.Succeeded.Should().BeFalse(run.Output);
        run.VerifiedTree.Should().BeNull();
        run.Injected.Should().BeEmpty();
        (await run.ReferencesAsync()).Should().BeEquivalentTo("refs/remotes/origin/main");
    }
}
