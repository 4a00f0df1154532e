using BuildRunner.Orchestration;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitHubActions.Landing;

/// <summary>The names and values that the process and the test share.</summary>
internal static class LandingStage
{
    public const string Runner = "github";
    public const string Owner = "acme";
    public const string Repository = "shop";
    public const string Workflow = "build.yml";
    public const string Host = "github.com";
    public const string RepositoryName = $"{Owner}/{Repository}";
    public const string Target = "main";
    public const string Prefix = "refs/heads/build/";
    public const string Token = "ghp_a-token-of-the-host";
    public const string WebhookSecret = "a-secret-of-the-webhook";

    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Has polls come so rarely that only a webhook brings the end of a build.</summary>
    public static void Configure(BuildRunnerOptions options)
    {
        options.AcceptedPollDelay = options.RunningPollDelay = TimeSpan.FromHours(1);

        // Longer than a call, and short: a trigger that a killed process was in is looked for after twice this time.
        options.TriggerTimeout = TimeSpan.FromSeconds(4);
        options.RetryDelay = TimeSpan.FromMilliseconds(100);
        options.MaxRetryDelay = TimeSpan.FromSeconds(1);
    }

    /// <summary>Has what a killed process held come back soon. To be called after the runner was added.</summary>
    public static void ConfigureConsumers(IServiceCollection services) => services.ConfigureAll<ConsumerOptions>(static options =>
    {
        options.LeaseDuration = TimeSpan.FromSeconds(3);
        options.PollInterval = TimeSpan.FromMilliseconds(200);
        options.RetryDelay = TimeSpan.FromMilliseconds(50);
        options.MaxRetryDelay = TimeSpan.FromSeconds(1);
    });
}
