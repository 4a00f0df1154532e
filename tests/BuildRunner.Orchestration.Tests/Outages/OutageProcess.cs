using BuildRunner.Queue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BuildRunner.Orchestration.Tests.Outages;

/// <summary>A machine: a host with connections of its own.</summary>
internal sealed class OutageProcess : IAsyncDisposable
{
    private const int Connections = 8;

    private readonly IHost _host;
    private readonly NpgsqlDataSource _source;

    private OutageProcess(IHost host, NpgsqlDataSource source) => (_host, _source) = (host, source);

    public IPublisher Publisher => _host.Services.GetRequiredService<IPublisher>();

    public IBuildOrchestrator Builds => _host.Services.GetRequiredService<IBuildOrchestrator>();

    /// <summary>Makes one that works on messages and builds.</summary>
    public static OutageProcess Create(PostgreSqlCluster cluster, OutageCi ci, OutageMessages messages, OutageBuilds builds, ILoggerProvider logs) => Create(cluster, logs, stage =>
    {
        stage.Services.AddSingleton(messages);
        stage.Services.AddSingleton(builds);
        stage.Services.AddKeyedSingleton<IBuildRunner>(StageBuilderExtensions.Ci, ci);
        stage.Services.AddQueue().AddConsumer<OutageMessages>(OutageMessages.Topic);
        stage.AddRunner(StageBuilderExtensions.Ci, Configure).AddObserver<OutageBuilds>();
    });

    /// <summary>Makes one that publishes and submits.</summary>
    public static OutageProcess CreateClient(PostgreSqlCluster cluster, ILoggerProvider logs) =>
        Create(cluster, logs, static stage => stage.AddRemoteRunner(StageBuilderExtensions.Ci, Configure));

    public Task StartAsync(CancellationToken cancellationToken) => _host.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _host.StopAsync(cancellationToken);

    /// <summary>Takes all connections of the pool, as soon as each can be had, and gives them back later.</summary>
    public async Task ExhaustAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        List<NpgsqlConnection> taken = [];
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(duration);
        try
        {
            while (taken.Count < Connections)
            {
                try
                {
                    taken.Add(await _source.OpenConnectionAsync(enough.Token));
                }
                catch (NpgsqlException)
                {
                    // None was free for as long as one waits for it.
                }
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, enough.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            foreach (var connection in taken)
            {
                await connection.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }

        await _source.DisposeAsync();
    }

    private static OutageProcess Create(PostgreSqlCluster cluster, ILoggerProvider logs, Action<BuildOrchestrationBuilder> configure)
    {
        // Less patience than by default, so that a short outage is one.
        var source = NpgsqlDataSource.Create($"{cluster.ConnectionString};Maximum Pool Size={Connections};Timeout=2;Command Timeout=3;Cancellation Timeout=500");
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Warning);
        configure(builder.Services.AddBuildOrchestration().UsePostgreSql(options => (options.DataSource, options.Listen) = (_ => source, cluster.KeepsSessions)));
        builder.Services.ConfigureAll<ConsumerOptions>(static options =>
        {
            options.LeaseDuration = TimeSpan.FromSeconds(5);
            options.PollInterval = TimeSpan.FromMilliseconds(500);
            options.RetryDelay = TimeSpan.FromMilliseconds(50);
            options.MaxRetryDelay = TimeSpan.FromMilliseconds(500);
        });
        return new(builder.Build(), source);
    }

    private static void Configure(BuildRunnerOptions options)
    {
        options.AcceptedPollDelay = TimeSpan.FromMilliseconds(300);
        options.RunningPollDelay = TimeSpan.FromMilliseconds(300);
        options.CallsPerSecond = null;
        options.TriggerTimeout = TimeSpan.FromSeconds(3);
        options.CallTimeout = TimeSpan.FromSeconds(3);
        options.RetryDelay = TimeSpan.FromMilliseconds(100);
        options.MaxRetryDelay = TimeSpan.FromSeconds(2);
        options.Timeout = TimeSpan.FromMinutes(30);
    }
}
