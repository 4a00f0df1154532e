using System.Globalization;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Peers;

/// <summary>BuildRunner.Queue: a job is a message in a partition of its own, and runs again by a postpone.</summary>
internal sealed class QueuePeer(Load load) : IPeer
{
    private const string Topic = "jobs";

    private IHost? _host;

    public bool HasBulk => true;

    private IPublisher Publisher => _host!.Services.GetRequiredService<IPublisher>();

    public async Task StartAsync(bool works)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var queue = builder.Services.AddQueue().UsePostgreSql(load.Connection);
        if (works)
        {
            queue.AddConsumer<Handler>(Topic, options => options.Concurrency = load.Batch);
        }

        _host = builder.Build();
        await _host.StartAsync();
    }

    public Task EnqueueAsync(int job, TimeSpan delay) => Publisher.PublishAfterAsync(Topic, MessageOf(job), delay);

    public Task EnqueueAllAsync(IReadOnlyList<(int Job, TimeSpan Delay)> jobs) =>
        Publisher.PublishAllAsync([.. jobs.Select(static job => new OutgoingMessage(Topic, MessageOf(job.Job), job.Delay))]);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }
    }

    private static Message MessageOf(int job)
    {
        var id = job.ToString(CultureInfo.InvariantCulture);
        return new() { PartitionKey = id, Id = id, Payload = "payload"u8.ToArray() };
    }

    private sealed class Handler : IMessageHandler
    {
        public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            var executions = Executions.Current;
            executions.Add(int.Parse(delivery.Message.Id, CultureInfo.InvariantCulture));
            return Task.FromResult(executions.Repeats ? Outcome.Postpone(Load.Cadence) : Outcome.Done);
        }
    }
}
