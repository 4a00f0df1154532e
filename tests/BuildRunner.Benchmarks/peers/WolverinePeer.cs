using JasperFx.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wolverine;
using Wolverine.Postgresql;

namespace BuildRunner.Peers;

/// <summary>Wolverine with its transport on PostgreSQL and durable queues: a job runs again by a scheduled message. It has no call for many
/// jobs.</summary>
internal sealed class WolverinePeer(Load load) : IPeer
{
    private const string Queue = "jobs";
    private const int Parallelism = 20;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private IHost? _host;

    public bool HasBulk => false;

    private IMessageBus Bus => _host!.MessageBus();

    public async Task StartAsync(bool works)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseWolverine(options =>
        {
            options.UsePostgresqlPersistenceAndTransport(load.Connection, "wolverine", transportSchema: "queues").AutoProvision();
            options.UseRuntimeCompilation();
            options.Durability.Mode = DurabilityMode.Solo;
            options.Durability.ScheduledJobPollingTime = Poll;
            options.Durability.RecoveryBatchSize = load.Batch;
            options.Discovery.DisableConventionalDiscovery().IncludeType(typeof(JobHandler));
            options.PublishMessage<Job>().ToPostgresqlQueue(Queue).UseDurableOutbox();
            if (works)
            {
                options.ListenToPostgresqlQueue(Queue).UseDurableInbox().MaximumMessagesToReceive(load.Batch).MaximumParallelMessages(Parallelism);
            }
        });
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task EnqueueAsync(int job, TimeSpan delay)
    {
        if (delay > TimeSpan.Zero)
        {
            await Bus.ScheduleAsync(new Job(job), delay);
        }
        else
        {
            await Bus.SendAsync(new Job(job));
        }
    }

    public Task EnqueueAllAsync(IReadOnlyList<(int Job, TimeSpan Delay)> jobs) => throw new NotSupportedException();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }
    }
}

/// <summary>A job of Wolverine, which generates code for public types.</summary>
public sealed record Job(int Number);

/// <summary>Handles <see cref="Job"/>.</summary>
public static class JobHandler
{
    public static object? Handle(Job job)
    {
        Executions.Current.Add(job.Number);
        return Executions.Current.Repeats ? job.DelayedFor(Load.Cadence) : null;
    }
}
