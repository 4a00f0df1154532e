using System.Globalization;
using System.Text;
using System.Threading.Channels;
using CliWrap;

namespace BuildRunner.Samples.Tests;

/// <summary>A sample as a process of its own.</summary>
internal static class SampleProgram
{
    /// <summary>Starts a sample so that it can be interrupted.</summary>
    /// <remarks>A test that is run in the background of a shell ignores the interrupt, and so would what it starts.</remarks>
    public static Command Interruptible { get; } = Cli.Wrap("env");

    public static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly);

    /// <summary>Starts a sample so that it can be interrupted.</summary>
    public static Running Start(string assembly, params string[] arguments) => StartWith([], assembly, arguments);

    /// <summary>Starts a sample so that it can be interrupted, with variables of the form <c>NAME=value</c> in its environment.</summary>
    public static Running StartWith(string[] variables, string assembly, params string[] arguments) =>
        Start(Interruptible, ["--default-signal=INT,TERM,HUP", .. variables, "dotnet", PathOf(assembly), .. arguments]);

    public static Running Start(Command program, string[] arguments)
    {
        StringBuilder output = new();
        StringBuilder error = new();
        var lines = Channel.CreateUnbounded<string>();
        var command = program
            .WithArguments(arguments)
            .WithStandardOutputPipe(PipeTarget.Merge(PipeTarget.ToStringBuilder(output), PipeTarget.ToDelegate(line => lines.Writer.TryWrite(line))))
            .WithStandardErrorPipe(PipeTarget.Merge(PipeTarget.ToStringBuilder(error), PipeTarget.ToDelegate(line => lines.Writer.TryWrite(line))))
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(TestContext.Current.CancellationToken);
        return new Running(command.ProcessId, lines.Reader, FinishAsync(command, lines.Writer, output, error));
    }

    private static async Task<Result> FinishAsync(Task<CommandResult> command, ChannelWriter<string> lines, StringBuilder output, StringBuilder error)
    {
        try
        {
            return new Result((await command).ExitCode, output.ToString(), error.ToString());
        }
        finally
        {
            lines.Complete();
        }
    }

    internal sealed record Running(int ProcessId, ChannelReader<string> Lines, Task<Result> Ended)
    {
        /// <summary>Waits until the program puts out a line, on either of the two ways out, or ends.</summary>
        /// <returns>Whether it has put one out.</returns>
        public async Task<bool> SaysAsync(Func<string, bool> isIt)
        {
            await foreach (var line in Lines.ReadAllAsync(TestContext.Current.CancellationToken))
            {
                if (isIt(line))
                {
                    return true;
                }
            }

            return false;
        }

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

        /// <summary>Gets what the merge queue has last told about each branch.</summary>
        public Dictionary<string, string> States => Branches.ToDictionary(static branch => branch.Key, static branch => branch.Value[1]);

        /// <summary>Gets why a branch has not landed.</summary>
        public string ReasonOf(string branch) => string.Join(' ', Branches[branch].Skip(2));

        private Dictionary<string, string[]> Branches => Output.Split('\n')
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(static words => words.Length > 1)
            .GroupBy(static words => words[0])
            .ToDictionary(static lines => lines.Key, static lines => lines.Last());
    }
}
