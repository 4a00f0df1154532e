using CliWrap;

namespace BuildRunner.Samples.Tests;

/// <summary>The quick start as a process of its own, on a repository of the test, with a state directory of its own.</summary>
internal static class QuickStartProgram
{
    private const string Assembly = "QuickStart.dll";

    /// <summary>Runs it to its end.</summary>
    public static async Task<SampleProgram.Result> RunAsync(TestRepository repository, params string[] arguments) => await Start(repository, arguments).Ended;

    /// <summary>Starts it.</summary>
    public static SampleProgram.Running Start(TestRepository repository, params string[] arguments) =>
        SampleProgram.Start(Assembly, ["--repo", repository.Path, .. arguments.Contains("--state") ? Array.Empty<string>() : ["--state", repository["state"]], .. arguments]);

    /// <summary>Runs it to its end with nothing but these arguments.</summary>
    /// <param name="dotnet">The program dotnet, in the directory and with the environment that the quick start is to have.</param>
    /// <param name="arguments">The arguments of the quick start.</param>
    public static async Task<SampleProgram.Result> RunAsync(Command dotnet, params string[] arguments) => await SampleProgram.Start(dotnet, [SampleProgram.PathOf(Assembly), .. arguments]).Ended;
}
