using BuildRunner;
using BuildRunner.Git;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MergeQueue;

/// <summary>Looks at the branches before anything is verified.</summary>
internal sealed class Start(IServiceProvider services, string runner, Landing.Request request, bool isNew) : IHostedService
{
    /// <summary>Gets the commit that the target is at.</summary>
    public string Tip { get; private set; } = "";

    /// <exception cref="RejectedException">A branch does not exist, and nothing was ever built here.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var merged = services.GetRequiredKeyedService<IBuildRunner>(runner).As<IMergedRefs>()!;
        var tips = await merged.ReadTipsAsync(request.Branches, cancellationToken);
        if (isNew && request.Branches.FirstOrDefault(branch => !tips.ContainsKey(branch)) is { } missing)
        {
            throw new RejectedException($"There is no branch '{missing}' in '{request.Repository}'.");
        }

        // What is verified is on top of this already, so that the git runner leaves it as it is. On the branch, it would add what somebody pushes in between.
        Tip = tips[request.Target];
        if (request.Buildbot is null)
        {
            services.GetRequiredService<IOptionsMonitor<GitBuildRunnerOptions>>().Get(runner).TargetBranch = Tip;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
