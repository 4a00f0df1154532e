using BuildRunner.Orchestration;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildbot.Chaos;

/// <summary>The names and values that the process and the test share.</summary>
internal static class ChaosStage
{
    public const string Runner = "buildbot";

    /// <summary>The line that the process prints when it works.</summary>
    public const string Working = "working";

    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(8);

    /// <summary>The maximum age of a status. A busy master should not spend its time on answers.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    public static void Configure(BuildRunnerOptions options)
    {
        options.AcceptedPollDelay = options.RunningPollDelay = TimeSpan.FromSeconds(2);
        options.CallsPerSecond = null;
        options.Concurrency = 64;

        // Longer than a call of the runner: what a killed process has asked of the master is settled by then.
        options.TriggerTimeout = options.CallTimeout = TimeSpan.FromSeconds(10);
        options.RetryDelay = TimeSpan.FromMilliseconds(100);
        options.MaxRetryDelay = TimeSpan.FromSeconds(1);

        // A master that has just come up knows its builds.
        options.MissingGrace = TimeSpan.FromMinutes(1);
    }

    /// <summary>Has what a killed process held come back soon. To be called after the runner was added.</summary>
    public static void ConfigureConsumers(IServiceCollection services) => services.ConfigureAll<ConsumerOptions>(static options =>
    {
        options.LeaseDuration = TimeSpan.FromSeconds(3);
        options.PollInterval = TimeSpan.FromMilliseconds(500);
        options.RetryDelay = TimeSpan.FromMilliseconds(50);
        options.MaxRetryDelay = TimeSpan.FromSeconds(1);
    });
}
