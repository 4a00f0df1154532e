using BuildRunner.Git;
using BuildRunner.Orchestration;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitHubActions.Landing;

/// <summary>Lands what has succeeded, and keeps what has come of it, a line each, in a file that outlives the process.</summary>
internal sealed class LandingObserver([FromKeyedServices(LandingStage.Runner)] IBuildRunner runner, LandingFile file) : IBuildObserver
{
    public async Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
    {
        if (build.Status == BuildStatus.Succeeded)
        {
            var result = await runner.As<IMergedRefs>()!.LandAsync(build.RemoteId!.Value, cancellationToken);
            file.Add($"{build.Key} {result.Outcome} {result.CommitId}");
        }
        else if (build.Status.IsTerminal())
        {
            file.Add($"{build.Key} {build.Status} {build.Note}");
        }
    }
}
