using System.Globalization;
using System.Text;
using CliWrap;

namespace BuildRunner.Samples.Tests;

/// <summary>The quick start as a process of its own, on a repository of the test, with a state directory of its own.</summary>
internal static class QuickStartProgram
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "QuickStart.dll");

    /// <summary>Runs it to its end.</summary>
    public static async Task<Result> RunAsync(TestRepository repository, params string[] arguments) => await Start(repository, arguments).Ended;

    /// <summary>Starts it.</summary>
    /// <remarks>A test that is run in the background of a shell ignores the interrupt, and so would what it starts.</remarks>
    public static Running Start(TestRepository repository, params string[] arguments) => Start(
        Cli.Wrap("env"),
        ["--default-signal=INT,TERM,HUP", "dotnet", Assembly, "--repo", repository.Path, .. arguments.Contains("--state") ? Array.Empty<string>() : ["--state", repository["state"]], .. arguments]);

    /// <summary>Runs it to its end with nothing but these arguments.</summary>
    /// <param name="dotnet">The program dotnet, in the directory and with the environment that the quick start is to have.</param>
    /// <param name="arguments">The arguments of the quick start.</param>
    public static async Task<Result> RunAsync(Command dotnet, params string[] arguments) => await Start(dotnet, [Assembly, .. arguments]).Ended;

    private static Running Start(Command program, string[] arguments)
    {
        StringBuilder output = new();
        StringBuilder error = new();
        var command = program
            .WithArguments(arguments)
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(output))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(TestContext.Current.CancellationToken);
        return new Running(command.ProcessId, FinishAsync(command, output, error));
    }

    private static async Task<Result> FinishAsync(Task<CommandResult> command, StringBuilder output, StringBuilder error) =>
        new((await command).ExitCode, output.ToString(), error.ToString());

    internal sealed record Running(int ProcessId, Task<Result> Ended)
    {
        /// <summary>Does what Ctrl+C, an end of the session or a closed terminal does.</summary>
        public async Task SignalAsync(string signal) =>
            await Cli.Wrap("kill").WithArguments(["-s", signal, ProcessId.ToString(CultureInfo.InvariantCulture)]).ExecuteAsync();
    }

    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>Gets the last paragraph of the output by its keys: the final snapshot.</summary>
        public Dictionary<string, string> Snapshot => Output[(Output.LastIndexOf("\n\n", StringComparison.Ordinal) + 2)..]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .ToDictionary(static pair => pair[0], static pair => pair.ElementAtOrDefault(1) ?? "");
    }
}
