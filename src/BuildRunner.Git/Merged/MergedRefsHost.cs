using Microsoft.Extensions.Hosting;

namespace BuildRunner.Git.Merged;

/// <summary>Has the runner made when the program starts, with what it decorates set up for it, and what is not needed any more deleted now and then.</summary>
internal sealed class MergedRefsHost(Func<IMergedRefsEngine> engine) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        engine().Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
