using Microsoft.Extensions.Hosting;

namespace BuildRunner.Git.Engine;

/// <summary>Takes up what earlier processes have left when the program starts, and lets others take up what runs when it stops.</summary>
internal sealed class GitBuildHost(IGitBuildEngine engine) : IHostedLifecycleService
{
    // Before other services start: a database that is opened then may lie in the state directory, which the runner makes or refuses.
    public Task StartingAsync(CancellationToken cancellationToken) => engine.StartAsync(cancellationToken);

    // Opens nothing twice. Who starts hosted services without a host may know this one alone.
    public Task StartAsync(CancellationToken cancellationToken) => engine.StartAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => engine.StopAsync().WaitAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
