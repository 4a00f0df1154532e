using BuildRunner.Git.Tests.Fixtures;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Jenkins.Tests.Pipelines;

/// <summary>Runs the steps of a pipeline on a repository as an agent does: each script by <c>sh -xe</c>, with parameters as its
/// environment.</summary>
internal sealed class PipelineRun : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Jenkinsfile _pipeline;
    private readonly TestRepository _repository;

    private PipelineRun(Jenkinsfile pipeline, TestRepository repository) => (_pipeline, _repository) = (pipeline, repository);

    public bool Succeeded { get; private set; }

    /// <summary>Gets the tree that the verifying step was run on; null if it was not reached.</summary>
    public string? VerifiedTree { get; private set; }

    public string Output { get; private set; } = "";

    /// <summary>Gets the files anywhere that only an injected command makes.</summary>
    public IReadOnlyList<string> Injected => Directory.GetFiles(_directory.Path, "pwned*", SearchOption.AllDirectories);

    private string WorkTree => _directory["work"];

    public static async Task<PipelineRun> StartAsync(
        Jenkinsfile pipeline, TestRepository repository, params (string Name, string Value)[] parameters)
    {
        PipelineRun run = new(pipeline, repository);
        await run.RunAsync(parameters);
        return run;
    }

    public async Task RunAsync(params (string Name, string Value)[] parameters)
    {
        var variables = TestRepository.CleanEnvironment();
        parameters.ToList().ForEach(parameter => variables[parameter.Name] = parameter.Value);
        variables["PATH"] = _directory["bin"] + ":" + Environment.GetEnvironmentVariable("PATH");
        (VerifiedTree, Succeeded, Output) = (null, true, "");
        Directory.CreateDirectory(_directory["bin"]);

        // The user's own command is not what is tried: it records what it was run on.
        var make = _directory["bin"] + "/make";
        await File.WriteAllTextAsync(make, $"#!/bin/sh\ngit rev-parse 'HEAD^{{tree}}' > '{_directory["tree"]}'\n");
        File.SetUnixFileMode(make, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var step in _pipeline.Steps)
        {
            Succeeded = step switch
            {
                "deleteDir()" => Delete(),
                "checkout scm" => await ExecuteAsync(
                    "git", ["clone", "--quiet", "--branch", "main", "file://" + _repository.Path, WorkTree], "/", variables),
                _ => await ExecuteAsync("sh", ["-xe", "-c", step], WorkTree, variables),
            };
            if (!Succeeded)
            {
                break;
            }
        }

        VerifiedTree = File.Exists(_directory["tree"]) ? (await File.ReadAllTextAsync(_directory["tree"])).Trim() : null;
        File.Delete(_directory["tree"]);
    }

    public void Dispose() => _directory.Dispose();

    private bool Delete()
    {
        if (Directory.Exists(WorkTree))
        {
            Directory.Delete(WorkTree, recursive: true);
        }

        return true;
    }

    private async Task<bool> ExecuteAsync(string program, string[] arguments, string directory, Dictionary<string, string?> variables)
    {
        var result = await Cli.Wrap(program)
            .WithArguments(arguments)
            .WithWorkingDirectory(directory)
            .WithEnvironmentVariables(variables)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Output += result.StandardOutput + result.StandardError;
        return result.ExitCode == 0;
    }
}
