using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Orchestration.Soak;

/// <summary>The names and values that the processes and the test share.</summary>
internal static class SoakStage
{
    public const string Healthy = "healthy";

    /// <summary>The runner that never answers.</summary>
    public const string Hanging = "hanging";

    /// <summary>The runner that may have <see cref="MaxInFlight"/> builds at a time.</summary>
    public const string Limited = "limited";

    public const int MaxInFlight = 4;

    /// <summary>The line that a process prints when it works.</summary>
    public const string Working = "working";

    public static readonly TimeSpan PollDelay = TimeSpan.FromMilliseconds(250);
    public static readonly TimeSpan TriggerTimeout = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2.5);

    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(2);

    /// <summary>The maximum time for a call where answers may take longer than a lease, and others take the message over meanwhile. Longer than a host is cut off.</summary>
    public static readonly TimeSpan FarCallTimeout = 6 * LeaseDuration;

    /// <summary>The maximum time for a last answer of a runner: a wait for its turn, as long as the grace, and three calls.</summary>
    public static readonly TimeSpan LastCall = Grace + TimeSpan.FromSeconds(3);

    /// <summary>How builds are tried again that are. The budget of an owner is so small that some have spent it.</summary>
    public static readonly RetryOptions Retry =
        new() { MaxAttempts = 3, Delay = TimeSpan.FromMilliseconds(100), MaxDelay = TimeSpan.FromMilliseconds(400), BudgetPerHour = 2 };

    public static IReadOnlyList<string> Runners { get; } = [Healthy, Hanging, Limited];

    /// <summary>Gets the values of a runner.</summary>
    /// <param name="runner">The name.</param>
    /// <param name="options">Gets the values.</param>
    /// <param name="isFar">Whether the answers of the healthy runner may take longer than a lease.</param>
    public static void Configure(string runner, BuildRunnerOptions options, bool isFar)
    {
        options.MaxInFlight = runner == Limited ? MaxInFlight : null;
        options.Retry = Retry with { MaxAttempts = 1 };
        options.AcceptedPollDelay = PollDelay;
        options.RunningPollDelay = PollDelay;
        options.Concurrency = 8;
        options.CallsPerSecond = 1000;
        options.TriggerTimeout = TriggerTimeout;
        options.CallTimeout = isFar && runner == Healthy ? FarCallTimeout : TimeSpan.FromSeconds(1);
        options.Grace = Grace;
        options.MissingGrace = TimeSpan.FromSeconds(1);
        options.RetryDelay = TimeSpan.FromMilliseconds(100);
        options.MaxRetryDelay = TimeSpan.FromSeconds(2);
    }

    /// <summary>Has what a killed process held come back soon. To be called after the runners were added.</summary>
    public static void ConfigureConsumers(IServiceCollection services)
    {
        string[] topics = [BuildTopics.Deadline, BuildTopics.Change, BuildTopics.Group, .. Runners.Select(BuildTopics.TriggerOf), .. Runners.Select(BuildTopics.SignalOf), .. Runners.Select(BuildTopics.DispatchOf)];
        foreach (var topic in topics)
        {
            services.Configure<ConsumerOptions>(topic, static options =>
            {
                options.LeaseDuration = LeaseDuration;
                options.PollInterval = TimeSpan.FromMilliseconds(500);
                options.RetryDelay = TimeSpan.FromMilliseconds(50);
                options.MaxRetryDelay = TimeSpan.FromMilliseconds(500);
            });
        }
    }

    public static void UseDatabase(QueueBuilder queue, string engine, string connectionString) => _ = engine switch
    {
        "sqlite" => queue.UseSqlite(connectionString),
        "postgresql" => queue.UsePostgreSql(connectionString),
        "mysql" => queue.UseMySql(connectionString),
        _ => throw new ArgumentException($"'{engine}' is no engine; name sqlite, postgresql or mysql.", nameof(engine)),
    };
}
