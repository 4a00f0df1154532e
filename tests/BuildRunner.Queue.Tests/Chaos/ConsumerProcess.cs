using System.Diagnostics;
using BuildRunner.Queue.Host;

namespace BuildRunner.Queue.Tests.Chaos;

/// <summary>A process that consumes. It is killed when it is disposed of.</summary>
internal sealed class ConsumerProcess : IAsyncDisposable
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "BuildRunner.Queue.Host.dll");

    private readonly Process _process;
    private readonly Task<string> _error;

    private ConsumerProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts the process. It does nothing until it is told to consume.</summary>
    public static ConsumerProcess Start(ChaosDatabase database, string journal, Seed seed, string stallsAt) => new(Process.Start(
        new ProcessStartInfo("dotnet", [Assembly, database.Engine, database.ConnectionString, journal, $"{seed.Value}", stallsAt])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    /// <summary>Tells it to consume, and waits until it does.</summary>
    /// <returns>Whether it does, or else has ended by itself.</returns>
    public async Task<bool> ConsumesAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await _process.StandardOutput.ReadLineAsync(cancellationToken) == Host.Chaos.Consuming;
    }

    /// <summary>Waits for its end, and tells why.</summary>
    public async Task<string> ErrorAsync() => await _error;

    /// <summary>Kills it with <c>SIGKILL</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Lets it stop by itself.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
