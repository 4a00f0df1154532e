using Microsoft.Extensions.Hosting;

namespace BuildRunner.Git.Engine;

/// <summary>Takes up what earlier processes have left when the program starts, and lets others take up what runs when it stops.</summary>
internal sealed class GitBuildHost(IGitBuildEngine engine) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => engine.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => engine.StopAsync().WaitAsync(cancellationToken);
}
