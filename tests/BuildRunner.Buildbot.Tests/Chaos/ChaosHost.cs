using System.Diagnostics;
using BuildRunner.Buildbot.Chaos;

namespace BuildRunner.Buildbot.Tests.Chaos;

/// <summary>A process that works on builds. It is killed when it is disposed of, and stops by itself when the test is gone.</summary>
internal sealed class ChaosHost : IAsyncDisposable
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "BuildRunner.Buildbot.Host.dll");

    private readonly Process _process;
    private readonly Task<string> _error;

    private ChaosHost(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it, and waits until it works.</summary>
    public static async Task<ChaosHost> StartAsync(string connectionString, Uri master, string wakes, CancellationToken cancellationToken)
    {
        ChaosHost host = new(Process.Start(new ProcessStartInfo("dotnet", [Assembly, connectionString, master.AbsoluteUri, wakes])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
        if (await host._process.StandardOutput.ReadLineAsync(cancellationToken) != ChaosStage.Working)
        {
            await host.DisposeAsync();
            Assert.Fail($"The process has ended by itself: {await host._error}");
        }

        return host;
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
