using BuildRunner;
using BuildRunner.Git;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MergeQueue;

/// <summary>Registers what verifies, what lands, and where builds are saved.</summary>
internal static class Setup
{
    public static IHost CreateHost(Settings settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Warning);
        AddRunner(builder.Services, settings);

        // Each build is of the very commit that lands.
        builder.Services.AddMergedRefs(settings.Runner, options =>
        {
            (options.Repository, options.Remote, options.TargetBranch) = (settings.Repository, settings.Repository, settings.Target);
            options.StateDirectory = Path.Combine(settings.State, "merged");

            // A CI builds branches. Without one they would only be in the way.
            options.RefPrefix = settings.Buildbot is null ? "refs/merge-queue/" : "refs/heads/build/";
            options.ReuseFor = options.RefRetention;
        });
        builder.Services.AddSingleton(provider => provider.GetRequiredKeyedService<IBuildRunner>(settings.Runner).As<IMergedRefs>()!);
        builder.Services.AddSingleton(settings).AddSingleton<Queue>().AddBuildOrchestration()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = Path.Combine(settings.State, "builds.db") }.ConnectionString)
            .AddRunner(settings.Runner, options => options.MaxInFlight = settings.Buildbot is null ? Environment.ProcessorCount : null)
            .AddObserver<Queue>()
            .Configure(static options => options.Retention = TimeSpan.FromDays(6)); // merged refs keep for 7 days what may land
        return builder.Build();
    }

    // Another CI is another registration, and nothing else.
    private static IServiceCollection AddRunner(IServiceCollection services, Settings settings) => settings.Buildbot is { } url
        ? services.AddKeyedBuildbotBuildRunner(settings.Runner, options =>
            (options.Url, options.Builder, options.Scheduler) = (new Uri(url), "verify-merged", "force-merged"))
        : services.AddKeyedGitBuildRunner(settings.Runner, options =>
        {
            (options.Repository, options.TargetBranch) = (settings.Repository, settings.Target);
            options.StateDirectory = Path.Combine(settings.State, "git");
            (options.Command, options.Concurrency) = (settings.Command, Environment.ProcessorCount);
        });
}
