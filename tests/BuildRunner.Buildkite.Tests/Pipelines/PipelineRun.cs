using CliWrap;
using CliWrap.Buffered;
using YamlDotNet.RepresentationModel;

namespace BuildRunner.Buildkite.Tests.Pipelines;

/// <summary>Runs the step of a pipeline on the main branch of a repository as an agent does.</summary>
internal sealed class PipelineRun : IDisposable
{
    public const string Script = ".buildkite/buildrunner/apply.py";

    private readonly TempDirectory _directory = new();

    /// <summary>Gets what the step exited with.</summary>
    public int ExitCode { get; private set; }

    /// <summary>Gets the tree that was verified; null if it did not come to that.</summary>
    public string? VerifiedTree => File.Exists(_directory["tree"]) ? File.ReadAllText(_directory["tree"]).Trim() : null;

    public string Output { get; private set; } = "";

    /// <summary>Gets the files anywhere that only an injected command makes.</summary>
    public IReadOnlyList<string> Injected => Directory.GetFiles(_directory.Path, "pwned*", SearchOption.AllDirectories);

    private string WorkTree => _directory["work"];

    public static string TextOf(string pipeline) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ci", $"{pipeline}.yml"));

    public static YamlMappingNode StepOf(string pipeline)
    {
        YamlStream yaml = [];
        yaml.Load(new StringReader(TextOf(pipeline)));
        var steps = (YamlSequenceNode)yaml.Documents[0].RootNode["steps"];
        return (YamlMappingNode)steps.Children.Should().ContainSingle().Subject;
    }

    /// <summary>A repository whose main branch has the script, as the documentation says.</summary>
    public static async Task<(TestRepository Repository, string Main)> CreateRepositoryAsync()
    {
        var repository = await TestRepository.CreateAsync();
        var script = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "ci", "apply.py"));
        return (repository, await repository.CommitAsync(TestRepository.Main, (Script, script)));
    }

    public static async Task<PipelineRun> StartAsync(string pipeline, TestRepository repository, string request, string key = "br-0f3a")
    {
        PipelineRun run = new();
        await run.CheckOutAsync(repository);
        await run.RunAsync(pipeline, request, key);
        return run;
    }

    /// <summary>Runs the step once more, on what is checked out.</summary>
    public async Task RunAsync(string pipeline, string request, string key = "br-0f3a", string? also = null)
    {
        File.Delete(_directory["tree"]);
        var step = StepOf(pipeline);
        var commands = step.Children.TryGetValue("commands", out var several)
            ? ((YamlSequenceNode)several).Select(static command => command.ToString()) : [step["command"].ToString()];
        var variables = TestRepository.CleanEnvironment();
        (variables["BUILD_REQUEST"], variables["BUILD_KEY"]) = (request, key);
        variables["PATH"] = $"{_directory["bin"]}:{Environment.GetEnvironmentVariable("PATH")}";
        ExitCode = await ExecuteAsync("bash", ["-e", "-c", string.Join('\n', commands.Prepend(also ?? ":"))], variables);
    }

    public async Task<string> ReferencesAsync()
    {
        var result = await Cli.Wrap("git").WithArguments(["for-each-ref", "--format=%(refname)"]).WithWorkingDirectory(WorkTree)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        return result.StandardOutput;
    }

    public void Dispose() => _directory.Dispose();

    // HEAD of a branch: it is fetched, and what was fetched is checked out. The user's own command records what it was run on.
    private async Task CheckOutAsync(TestRepository repository)
    {
        Directory.CreateDirectory(_directory["bin"]);
        var make = Path.Combine(_directory["bin"], "make");
        await File.WriteAllTextAsync(make, $"#!/bin/sh\ngit rev-parse 'HEAD^{{tree}}' > '{_directory["tree"]}'\n");
        File.SetUnixFileMode(make, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(WorkTree);
        var environment = TestRepository.CleanEnvironment();
        (await ExecuteAsync("git", ["clone", "-v", "--", $"file://{repository.Path}", "."], environment)).Should().Be(0, Output);
        (await ExecuteAsync("git", ["fetch", "-v", "--prune", "--", "origin", TestRepository.Main], environment)).Should().Be(0, Output);
        (await ExecuteAsync("git", ["checkout", "-f", "FETCH_HEAD"], environment)).Should().Be(0, Output);
    }

    private async Task<int> ExecuteAsync(string program, string[] arguments, Dictionary<string, string?> variables)
    {
        var result = await Cli.Wrap(program)
            .WithArguments(arguments)
            .WithWorkingDirectory(WorkTree)
            .WithEnvironmentVariables(variables)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Output += result.StandardOutput + result.StandardError;
        return result.ExitCode;
    }
}
