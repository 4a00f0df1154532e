using System.Diagnostics;

namespace BuildRunner.GitHubActions.Tests.WholePath;

/// <summary>A process that lands what was built. It is killed when it is disposed of, and stops by itself when the test is gone.</summary>
internal sealed class LandingHost : IAsyncDisposable
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "BuildRunner.GitHubActions.Host.dll");

    private readonly Process _process;
    private readonly Task<string> _error;

    private LandingHost(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Gets where it takes webhooks.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts it, and waits until it works.</summary>
    public static async Task<LandingHost> StartAsync(string[] arguments, CancellationToken cancellationToken)
    {
        LandingHost host = new(Process.Start(new ProcessStartInfo("dotnet", [Assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
        if (await host._process.StandardOutput.ReadLineAsync(cancellationToken) is not { } address)
        {
            await host.DisposeAsync();
            Assert.Fail($"The process has ended by itself: {await host._error}");
            return host;
        }

        host.Address = new Uri(address);
        return host;
    }

    /// <summary>Kills it with <c>SIGKILL</c>.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Lets it stop by itself.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellationToken);
        _process.ExitCode.Should().Be(0, await _error);
    }

    /// <summary>Kills it and reads what it has logged.</summary>
    public Task<string> EndAsync()
    {
        Kill();
        return _error;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
