using System.Text.Json;

namespace BuildRunner.Buildkite.Tests.Pipelines;

/// <summary>Runs the step on what somebody sends who wants more than a build.</summary>
[Slow]
public sealed class PipelineAttackTests(PipelineAttackTests.AttackedRun attacked) : IClassFixture<PipelineAttackTests.AttackedRun>
{
    private const string Document = "pipeline-document";

    public static TheoryData<string> Injections =>
    [
        "$(touch pwned)",
        "`touch pwned`",
        "\"; touch pwned; \"",
        "'; touch pwned; '",
        "x\ntouch pwned\n",
        "x && touch pwned #",
        "$BUILDKITE_AGENT_ACCESS_TOKEN ${IFS}",
        "--upload-pack=touch pwned",
        "-c core.sshCommand=touch${IFS}pwned",
        "../../../../etc/passwd",
        "ext::sh -c touch% pwned",
        "refs/heads/main:refs/heads/pwned",
    ];

    [Theory]
    [MemberData(nameof(Injections))]
    public async Task A_value_is_data_wherever_it_stands(string value)
    {
        string[] requests =
        [
            value,
            RequestOf($"git://{value}/shop/refs%2Fheads%2Fmain/{attacked.Main}x"),
            RequestOf($"git://github.com/acme/shop/{Uri.EscapeDataString($"refs/heads/{value}")}/{attacked.Main}"),
            RequestOf($"git://github.com/acme/shop/{Uri.EscapeDataString(value)}/{attacked.Main}"),
            RequestOf($"git://github.com/acme/shop/refs%2Fheads%2Fmain/{value}"),
        ];
        foreach (var request in requests)
        {
            await attacked.Run.RunAsync(Document, request, key: value);

            attacked.Run.ExitCode.Should().NotBe(0, attacked.Run.Output);
            attacked.Run.VerifiedTree.Should().BeNull();
            attacked.Run.Injected.Should().BeEmpty();
            (await attacked.Run.ReferencesAsync()).Should().Be(attacked.References);
        }
    }

    [Fact]
    public async Task Other_members_of_a_request_are_data()
    {
        BuildRequest request = new()
        {
            Metadata = BuildMetadata.Create(new("PATH", "/nowhere"), new("LD_PRELOAD", "$(touch pwned)")),
            TriggerKey = "`touch pwned`",
        };

        await attacked.Run.RunAsync(Document, JsonSerializer.Serialize(request), "`touch pwned`");

        attacked.Run.ExitCode.Should().Be(0, attacked.Run.Output);
        attacked.Run.Injected.Should().BeEmpty();
    }

    [Fact]
    public async Task A_change_that_replaces_the_script_is_applied_by_the_script_of_the_branch()
    {
        var (repository, _) = await PipelineRun.CreateRepositoryAsync();
        using var __ = repository;
        const string Injected = "import pathlib; pathlib.Path('pwned').touch()\n";
        var evil = await repository.CommitAsync(
            "evil", (PipelineRun.Script, Injected), (".buildkite/buildrunner/json.py", Injected), ("json.py", Injected));
        var head = await repository.CommitAsync("head", ("head.txt", "head\n"));

        using var run = await PipelineRun.StartAsync(
            Document, repository, PipelineTests.RequestOf([PipelineTests.ChangeOf("evil", evil)], [PipelineTests.ChangeOf("head", head)]));

        run.ExitCode.Should().Be(0, run.Output);
        run.Injected.Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_executed_would_be_found()
    {
        var (repository, _) = await PipelineRun.CreateRepositoryAsync();
        using var __ = repository;
        using var run = await PipelineRun.StartAsync("pipeline", repository, "");

        await run.RunAsync("pipeline", "", "$(touch pwned)", also: "eval echo \"$BUILD_KEY\"");

        run.Injected.Should().ContainSingle();
    }

    private static string RequestOf(string uri) => $$"""{"base":[],"head":[{"uris":[{{JsonSerializer.Serialize(uri)}}]}]}""";

    public sealed class AttackedRun : IAsyncLifetime
    {
        private TestRepository? _repository;
        private PipelineRun? _run;

        internal PipelineRun Run => _run!;

        internal string Main { get; private set; } = "";

        internal string References { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            (_repository, Main) = await PipelineRun.CreateRepositoryAsync();
            _run = await PipelineRun.StartAsync(Document, _repository, PipelineTests.RequestOf([], []));
            _run.ExitCode.Should().Be(0, _run.Output);
            References = await _run.ReferencesAsync();
        }

        public ValueTask DisposeAsync()
        {
            _run?.Dispose();
            _repository?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
