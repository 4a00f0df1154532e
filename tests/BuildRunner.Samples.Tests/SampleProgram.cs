using System.Globalization;
using System.Text;
using CliWrap;

namespace BuildRunner.Samples.Tests;

/// <summary>A sample as a process of its own.</summary>
internal static class SampleProgram
{
    /// <summary>What a sample is started with, so that it can be interrupted.</summary>
    /// <remarks>A test that is run in the background of a shell ignores the interrupt, and so would what it starts.</remarks>
    public static Command Interruptible { get; } = Cli.Wrap("env");

    public static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly);

    /// <summary>Starts a sample so that it can be interrupted.</summary>
    public static Running Start(string assembly, params string[] arguments) => Start(Interruptible, ["--default-signal=INT,TERM,HUP", "dotnet", PathOf(assembly), .. arguments]);

    public static Running Start(Command program, string[] arguments)
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
        /// <summary>Does what Ctrl+C, an end of the session or a closed terminal does, or a kill.</summary>
        public async Task SignalAsync(string signal) =>
            await Cli.Wrap("kill").WithArguments(["-s", signal, ProcessId.ToString(CultureInfo.InvariantCulture)]).ExecuteAsync();
    }

    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>Gets the last paragraph of the output by its keys: the final snapshot of the quick start.</summary>
        public Dictionary<string, string> Snapshot => Output[(Output.LastIndexOf("\n\n", StringComparison.Ordinal) + 2)..]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .ToDictionary(static pair => pair[0], static pair => pair.ElementAtOrDefault(1) ?? "");
    }
}
