using System.Diagnostics;
using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>A process that works on builds. It is killed when it is disposed of.</summary>
internal sealed class StageHost : IAsyncDisposable
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "BuildRunner.Orchestration.Host.dll");

    private readonly Process _process;
    private readonly Task<string> _error;

    private StageHost(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Gets its number, by which it calls the CI.</summary>
    public int Id => _process.Id;

    /// <summary>Starts the process. It does nothing until it is told to work.</summary>
    /// <param name="database">The database.</param>
    /// <param name="socket">The path of the CI.</param>
    /// <param name="host">The host, if there are several.</param>
    /// <param name="isFar">Whether answers of the CI may take longer than a lease.</param>
    public static StageHost Start(SoakDatabase database, string socket, int host = 0, bool isFar = false)
    {
        IReadOnlyList<string> command = ["dotnet", Assembly, database.Engine, database.ConnectionString, socket, isFar ? "far" : "near"];
        command = database.Hosts?.On(host, command) ?? command;
        return new(Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    /// <summary>Tells it to work, and waits until it does.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> WorkAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync(cancellationToken);
        if (await _process.StandardOutput.ReadLineAsync(cancellationToken) != SoakStage.Working)
        {
            Assert.Fail($"A process has ended by itself: {await _error}");
        }

        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Kills it with <c>SIGKILL</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Lets it stop by itself.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellationToken);
        _process.ExitCode.Should().Be(0, await _error);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
