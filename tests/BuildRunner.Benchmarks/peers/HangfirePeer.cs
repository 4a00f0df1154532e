using Hangfire;
using Hangfire.PostgreSql;

namespace BuildRunner.Peers;

/// <summary>Hangfire: a job runs again by a schedule of another one. It has no call for many jobs.</summary>
internal sealed class HangfirePeer(Load load) : IPeer
{
    // What Hangfire has by itself on machines with more cores: the jobs here wait for the database, not for a core.
    private const int Workers = 20;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private BackgroundJobServer? _server;

    public bool HasBulk => false;

    public Task StartAsync(bool works)
    {
        // It waits for the database on threads, each caller and worker on one of its own.
        ThreadPool.SetMinThreads(load.Callers + Workers, Workers);
        var storage = new PostgreSqlStorageOptions { QueuePollInterval = Poll, EnableLongPolling = true };
        GlobalConfiguration.Configuration
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            .UsePostgreSqlStorage(options => options.UseNpgsqlConnection(load.Connection), storage);
        _server = works ? new(new BackgroundJobServerOptions { WorkerCount = Workers, SchedulePollingInterval = Poll }) : null;
        return Task.CompletedTask;
    }

    public Task EnqueueAsync(int job, TimeSpan delay)
    {
        _ = delay > TimeSpan.Zero ? BackgroundJob.Schedule(() => Run(job), delay) : BackgroundJob.Enqueue(() => Run(job));
        return Task.CompletedTask;
    }

    public Task EnqueueAllAsync(IReadOnlyList<(int Job, TimeSpan Delay)> jobs) => throw new NotSupportedException();

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        return ValueTask.CompletedTask;
    }

    [AutomaticRetry(Attempts = 0)]
    public static void Run(int job)
    {
        Executions.Current.Add(job);
        if (Executions.Current.Repeats)
        {
            BackgroundJob.Schedule(() => Run(job), Load.Cadence);
        }
    }
}
