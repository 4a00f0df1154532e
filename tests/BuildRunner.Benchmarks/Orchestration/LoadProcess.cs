using System.Diagnostics;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>One of the processes of a load, which does what it is told on its input.</summary>
internal sealed class LoadProcess
{
    private readonly Process _process;

    private LoadProcess(Process process) => _process = process;

    /// <summary>Gets the CPU time so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a process.</summary>
    /// <param name="number">The number of the process, which the keys of its builds begin with.</param>
    /// <param name="connection">How to connect to the database that all share.</param>
    /// <param name="ownConnection">How to connect to one that it warms up with.</param>
    public static LoadProcess Start(int number, string connection, string ownConnection) => new(Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!, [.. Assembly(), "load-process", $"{number}", connection, ownConnection])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!);

    /// <summary>Tells the process to do something, and gets what it answers.</summary>
    public async Task<string> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await ReadAsync();
    }

    public async Task WaitForAsync(string answer)
    {
        var read = await ReadAsync();
        if (read != answer)
        {
            throw new InvalidOperationException($"A process of the load has said '{read}' where '{answer}' was expected.");
        }
    }

    /// <summary>Ends the input, at which the process ends.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    // As "dotnet run" and the program itself are started.
    private static string[] Assembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(LoadProcess).Assembly.Location] : [];

    private async Task<string> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("A process of the load has ended; its error output says why.");
}
