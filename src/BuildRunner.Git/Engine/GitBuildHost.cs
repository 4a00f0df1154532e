using Microsoft.Extensions.Hosting;

namespace BuildRunner.Git.Engine;

/// <summary>Takes up the builds of earlier processes when the host starts, and returns running builds to the queue when it stops.</summary>
internal sealed class GitBuildHost(IGitBuildEngine engine) : IHostedLifecycleService
{
    // Before other services start: one of them may create a database in the state directory, which the runner must create or refuse first.
    public Task StartingAsync(CancellationToken cancellationToken) => engine.StartAsync(cancellationToken);

    // Does nothing if StartingAsync ran. Callers that start hosted services without a host may only know this method.
    public Task StartAsync(CancellationToken cancellationToken) => engine.StartAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => engine.StopAsync().WaitAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
