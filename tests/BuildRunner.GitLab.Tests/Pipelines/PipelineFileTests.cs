using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;
using YamlDotNet.RepresentationModel;

namespace BuildRunner.GitLab.Tests.Pipelines;

/// <summary>Runs the commands of the pipeline files in <c>doc/ci/gitlab</c> as a GitLab runner does.</summary>
public sealed class PipelineFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildrunner-gitlab-");
    private string _main = "";
    private string _output = "";

    public static TheoryData<string> Values =>
    [
        "$(touch pwned)", "`touch pwned`", "\"; touch pwned; \"", "'; touch pwned; '", "x\ntouch pwned\n", "x && touch pwned #",
        "$BUILD_KEY ${IFS} %PATH%", "--upload-pack=touch pwned", "-n", "\\", "ä\u202e",
    ];

    [Theory]
    [InlineData("build.yml")]
    [InlineData("build-document.yml")]
    public void A_file_names_its_pipelines_by_the_key_and_runs_for_no_push(string file)
    {
        var workflow = Root(file)["workflow"];

        workflow["name"].ToString().Should().Be("$BUILD_KEY");
        workflow["rules"].Should().BeOfType<YamlSequenceNode>().Which.Children.Should().ContainSingle()
            .Which["if"].ToString().Should().Be("$CI_PIPELINE_SOURCE == \"api\" || $CI_PIPELINE_SOURCE == \"trigger\"");
        workflow["auto_cancel"]["on_new_commit"].ToString().Should().Be("none");
    }

    [Fact]
    public async Task A_request_is_applied_and_the_result_is_verified()
    {
        await PrepareAsync();
        var head = await CommitAsync("topic", "head.txt");
        BuildRequest request = new()
        {
            Head = [new Change($"git://gitlab.com/acme/shop/refs%2Fheads%2Ftopic/{head}")],
            Metadata = [new("queue", "100 % of $HOME and $$")],
        };

        var exitCode = await RunAsync(await SentAsync(request));

        exitCode.Should().Be(0, _output);
        File.Exists(Path.Combine(_directory.FullName, "verified")).Should().BeTrue();
        File.Exists(Path.Combine(_directory.FullName, "work", "head.txt")).Should().BeTrue();
    }

    [Theory]
    [InlineData("BUILD_REQUEST")]
    [InlineData("BUILD_REQUEST_SHA256")]
    [InlineData("BUILD_REQUEST BUILD_REQUEST_SHA256")]
    [InlineData("cut")]
    [InlineData("expanded")]
    public async Task A_request_that_did_not_arrive_whole_is_never_green(string lost)
    {
        await PrepareAsync();
        var variables = await SentAsync(new BuildRequest { Metadata = [new("queue", "main")] });
        foreach (var name in lost.Split(' '))
        {
            variables.Remove(name);
        }

        var request = variables.GetValueOrDefault("BUILD_REQUEST");
        variables["BUILD_REQUEST"] = lost switch
        {
            "cut" => request![..^1] + " ",
            "expanded" => request!.Replace("main", "", StringComparison.Ordinal),
            _ => request,
        };

        (await RunAsync(variables)).Should().Be(75, _output);
        File.Exists(Path.Combine(_directory.FullName, "verified")).Should().BeFalse();
    }

    [Slow]
    [Theory]
    [MemberData(nameof(Values))]
    public async Task Values_of_strangers_are_data(string value)
    {
        await PrepareAsync();
        var uri = $"git://gitlab.com/acme/shop/{Uri.EscapeDataString("refs/heads/" + value)}/{_main}";
        BuildRequest request = new()
        {
            Head = [new Change(uri)],
            Metadata = [new("queue", value)],
            TriggerKey = value.Replace("\n", " ", StringComparison.Ordinal),
        };

        foreach (var document in new[] { JsonSerializer.Serialize(request), value })
        {
            (await RunAsync(Signed(document, value))).Should().NotBe(0, _output);
        }

        Directory.GetFiles(_directory.FullName, "pwned*", SearchOption.AllDirectories).Should().BeEmpty();
        File.Exists(Path.Combine(_directory.FullName, "verified")).Should().BeFalse();
    }

    [Fact]
    public async Task What_is_executed_would_be_found()
    {
        await PrepareAsync();

        await RunAsync(Signed("""{"head":[]}""", "$(touch pwned)"), static script => script + "\neval \"echo $BUILD_KEY\"");

        Directory.GetFiles(_directory.FullName, "pwned*", SearchOption.AllDirectories).Should().ContainSingle();
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static YamlMappingNode Root(string file)
    {
        YamlStream stream = [];
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ci", file))));
        return (YamlMappingNode)stream.Documents.Should().ContainSingle().Subject.RootNode;
    }

    // As the runner sends it.
    private static async Task<Dictionary<string, string?>> SentAsync(BuildRequest request)
    {
        await using GitLabSetup setup = new();
        await setup.Runner.TriggerAsync(request);
        return setup.GitLab.Pipelines.Single().Variables.ToDictionary(static one => one.Key, static string? (one) => one.Value);
    }

    private static Dictionary<string, string?> Signed(string document, string key) => new()
    {
        ["BUILD_REQUEST"] = document,
        ["BUILD_REQUEST_SHA256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document))),
        ["BUILD_KEY"] = key,
    };

    // A repository with the script on its main branch, a clone of it, and a make that records that it was reached.
    private async Task PrepareAsync()
    {
        var script = Path.Combine(_directory.FullName, "origin", ".gitlab", "buildrunner");
        Directory.CreateDirectory(script);
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "bin"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "ci", "apply.py"), Path.Combine(script, "apply.py"));
        var make = Path.Combine(_directory.FullName, "bin", "make");
        await File.WriteAllTextAsync(make, $"#!/bin/sh\necho \"$*\" > '{_directory.FullName}/verified'\n");
        await Cli.Wrap("chmod").WithArguments(["+x", make]).ExecuteAsync();
        await GitAsync("origin", "init", "--quiet", "--initial-branch=main");
        _main = await CommitAsync("main", "target.txt");
        await GitAsync("", "clone", "--quiet", "origin", "work");
    }

    private async Task<string> CommitAsync(string branch, string file)
    {
        await GitAsync("origin", "checkout", "--quiet", "-B", branch);
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "origin", file), file);
        await GitAsync("origin", "add", "--all");
        await GitAsync("origin", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", file);
        return (await GitAsync("origin", "rev-parse", "HEAD")).Trim();
    }

    private async Task<string> GitAsync(string folder, params string[] arguments) => (await Cli.Wrap("git").WithArguments(arguments)
        .WithWorkingDirectory(Path.Combine(_directory.FullName, folder)).ExecuteBufferedAsync()).StandardOutput;

    private async Task<int> RunAsync(Dictionary<string, string?> variables, Func<string, string>? change = null)
    {
        var commands = (YamlSequenceNode)Root("build-document.yml")["verify"]["script"];
        var script = string.Join('\n', commands.Select(static command => command.ToString()));
        var result = await Cli.Wrap("bash").WithArguments(["-eo", "pipefail", "-c", change?.Invoke(script) ?? script])
            .WithWorkingDirectory(Path.Combine(_directory.FullName, "work"))
            .WithEnvironmentVariables(new Dictionary<string, string?>(variables)
            {
                ["PATH"] = $"{_directory.FullName}/bin:{Environment.GetEnvironmentVariable("PATH")}",
            })
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        _output = result.StandardOutput + result.StandardError;
        return result.ExitCode;
    }
}
