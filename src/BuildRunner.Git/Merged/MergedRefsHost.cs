using Microsoft.Extensions.Hosting;

namespace BuildRunner.Git.Merged;

/// <summary>Creates the runner when the host starts, which configures the decorated runner, and starts the clean-up.</summary>
internal sealed class MergedRefsHost(Func<IMergedRefsEngine> engine) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        engine().Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
