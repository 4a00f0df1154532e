using BuildRunner.Git.Merged;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>Merged refs in front of the git runner, for a machine without a CI.</summary>
public sealed class MergedGitRunnerTests
{
    [TimedFact]
    public async Task The_git_runner_builds_the_commit_that_would_land_whatever_is_pushed_meanwhile()
    {
        await using var fixture = await MergedFixture.CreateAsync();
        using TempDirectory directory = new();
        var head = await fixture.CommitAsync("feature");
        await fixture.CommitAsync("other", "pushed.txt");
        await using var services = CreateServices(fixture, directory, step =>
        {
            if (step == MergedStep.Pushed)
            {
                fixture.Origin.GitAsync("update-ref", "refs/heads/main", "other").GetAwaiter().GetResult();
            }
        });
        var runner = services.GetRequiredKeyedService<IBuildRunner>("ci");

        var buildId = await runner.TriggerAsync([], [head]);
        var snapshot = await runner.WaitForCompletionAsync(buildId);

        var merged = runner.As<IMergedRefs>()!;
        snapshot.Status.Should().Be(BuildStatus.Succeeded);
        var built = await services.GetRequiredKeyedService<GitBuildRunner>("ci").StatusAsync(buildId);
        built.Metadata[BuildMetadataKeys.Commit].Should().Be(await merged.FindCommitAsync(buildId));
        (await merged.LandAsync(buildId)).Outcome.Should().Be(LandingOutcome.Moved);
    }

    private static ServiceProvider CreateServices(MergedFixture fixture, TempDirectory directory, MergedStepReached reached)
    {
        ServiceCollection services = new();
        services.AddSingleton(reached);
        services.AddKeyedGitBuildRunner("ci", options =>
        {
            options.Repository = fixture.Origin.Path;
            options.TargetBranch = TestRepository.Main;
            options.Command = ["test", "!", "-e", "pushed.txt"];
            options.StateDirectory = directory["git"];
        });
        services.AddMergedRefs("ci", options =>
        {
            options.Repository = fixture.Origin.Path;
            options.Remote = fixture.Origin.Path;
            options.TargetBranch = TestRepository.Main;
            options.RefPrefix = "refs/merged/";
            options.StateDirectory = directory["merged"];
        });
        return services.BuildServiceProvider();
    }
}
