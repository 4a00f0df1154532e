using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.GitHubActions.Spec.Tests.Workflows;

/// <summary>Runs the steps of a workflow on a commit of a repository as GitHub's runner does.</summary>
/// <remarks>Expressions are replaced as text, scripts are run by <c>bash -e</c>, and the first step that fails is the last.</remarks>
internal sealed partial class WorkflowRun : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly TestRepository _repository;

    private readonly WorkflowFile _workflow;
    private Dictionary<string, string> _expressions = [];

    private WorkflowRun(WorkflowFile workflow, TestRepository repository)
    {
        _workflow = workflow;
        _repository = repository;
    }

    public bool Succeeded { get; private set; }

    /// <summary>Gets what the last script exited with.</summary>
    public int ExitCode { get; private set; }

    /// <summary>Gets the tree that the verifying step was run on; null if it was not reached.</summary>
    public string? VerifiedTree { get; private set; }

    /// <summary>Gets what the verifying step saw of its environment and of the configuration of git.</summary>
    public string VerifiedEnvironment { get; private set; } = "";

    public string Output { get; private set; } = "";

    public string WorkTree => _directory["work"];

    /// <summary>Gets the files anywhere that only an injected command makes.</summary>
    public IReadOnlyList<string> Injected => Directory.GetFiles(_directory.Path, "pwned*", SearchOption.AllDirectories);

    public static async Task<WorkflowRun> StartAsync(
        WorkflowFile workflow, TestRepository repository, string commitId, params (string Name, string Value)[] inputs)
    {
        WorkflowRun run = new(workflow, repository);
        await run.PrepareAsync();
        await run.RunAsync(workflow.Steps, commitId, inputs);
        return run;
    }

    /// <summary>Runs the scripts once more, on what is checked out, with other inputs.</summary>
    public Task RunAgainAsync(params (string Name, string Value)[] inputs) =>
        RunAsync(_workflow.Steps.Where(static step => step.Run is not null), _expressions["github.sha"], inputs);

    /// <summary>Gets the references of the work tree.</summary>
    public async Task<string[]> ReferencesAsync()
    {
        var result = await Cli.Wrap("git")
            .WithArguments(["for-each-ref", "--format=%(refname)"])
            .WithWorkingDirectory(WorkTree)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        return result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Dispose() => _directory.Dispose();

    // The user's own command is not what is tried: it records what it was run on.
    private async Task PrepareAsync()
    {
        Directory.CreateDirectory(_directory["bin"]);
        var make = Path.Combine(_directory["bin"], "make");
        await File.WriteAllTextAsync(make, $"""
            #!/bin/sh
            git rev-parse 'HEAD^'{"{tree}"} > '{_directory["tree"]}'
            (env; git config --list --show-origin) > '{_directory["environment"]}'
            """);
        File.SetUnixFileMode(make, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task RunAsync(IEnumerable<WorkflowStep> steps, string commitId, (string Name, string Value)[] inputs)
    {
        _expressions = inputs.ToDictionary(static input => "inputs." + input.Name, static input => input.Value);
        _expressions["github.sha"] = commitId;
        _expressions["github.server_url"] = "https://github.example";
        _expressions["github.token"] = "ghs_token";
        VerifiedTree = null;
        Output = "";
        File.Delete(_directory["tree"]);
        foreach (var step in steps)
        {
            Succeeded = await RunAsync(step);
            if (!Succeeded)
            {
                break;
            }
        }

        if (File.Exists(_directory["tree"]))
        {
            VerifiedTree = (await File.ReadAllTextAsync(_directory["tree"])).Trim();
            VerifiedEnvironment = await File.ReadAllTextAsync(_directory["environment"]);
        }
    }

    private async Task<bool> RunAsync(WorkflowStep step)
    {
        if (step.Uses is not null)
        {
            await CheckOutAsync(step);
            return true;
        }

        var script = _directory["step.sh"];
        await File.WriteAllTextAsync(script, Replace(step.Run!));
        var variables = TestRepository.CleanEnvironment();
        foreach (var (name, value) in step.Env)
        {
            variables[name] = Replace(value);
        }

        variables["PATH"] = _directory["bin"] + ":" + Environment.GetEnvironmentVariable("PATH");
        ExitCode = await ExecuteAsync("bash", ["-e", script], variables);
        return ExitCode == 0;
    }

    private async Task CheckOutAsync(WorkflowStep step)
    {
        step.Uses.Should().StartWith("actions/checkout@", "no other action is known to the test");
        step.With.Should().ContainKey("persist-credentials").WhoseValue.Should().Be("false");
        Directory.CreateDirectory(WorkTree);
        string[] everything = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
        string[] fetched = step.With.GetValueOrDefault("fetch-depth") == "0" ? everything : ["--depth=1", Replace(step.With["ref"])];
        await GitAsync("init", "--quiet");
        await GitAsync("remote", "add", "origin", "file://" + _repository.Path);
        await GitAsync(["fetch", "--quiet", "origin", .. fetched]);
        await GitAsync("checkout", "--quiet", "--detach", Replace(step.With["ref"]));
    }

    private async Task GitAsync(params string[] arguments) =>
        (await ExecuteAsync("git", arguments, TestRepository.CleanEnvironment())).Should().Be(0, Output);

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

    private string Replace(string text) => Expression().Replace(text, match => _expressions[match.Groups[1].Value]);

    [GeneratedRegex(@"\$\{\{\s*(\S+)\s*\}\}")]
    private static partial Regex Expression();
}
