using Rebus.Activation;
using Rebus.Backoff;
using Rebus.Bus;
using Rebus.Config;
using Rebus.Transport;

namespace BuildRunner.Peers;

/// <summary>Rebus with its transport on PostgreSQL: a job runs again by a deferred message. Many are sent in one transaction.</summary>
internal sealed class RebusPeer(Load load) : IPeer
{
    private const int Workers = 4;
    private const int Parallelism = 20;
    private const int Connections = 30;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly BuiltinHandlerActivator _activator = new();
    private IBus? _bus;

    public bool HasBulk => true;

    public Task StartAsync(bool works)
    {
        _activator.Handle<Job>(static async (bus, job) =>
        {
            Executions.Current.Add(job.Number);
            if (Executions.Current.Repeats)
            {
                await bus.DeferLocal(Load.Cadence, job);
            }
        });
        _bus = Configure.With(_activator)
            .Logging(static logging => logging.None())
            .Transport(transport => transport.UsePostgreSql($"{load.Connection};Maximum Pool Size={Connections}", "messages", "jobs"))
            .Options(options =>
            {
                options.SetNumberOfWorkers(works ? Workers : 0);
                options.SetMaxParallelism(Parallelism);
                options.SetBackoffTimes(Poll);
            })
            .Start();
        return Task.CompletedTask;
    }

    public Task EnqueueAsync(int job, TimeSpan delay) =>
        delay > TimeSpan.Zero ? _bus!.DeferLocal(delay, new Job(job)) : _bus!.SendLocal(new Job(job));

    public async Task EnqueueAllAsync(IReadOnlyList<(int Job, TimeSpan Delay)> jobs)
    {
        using RebusTransactionScope scope = new();
        foreach (var (job, delay) in jobs)
        {
            await EnqueueAsync(job, delay);
        }

        await scope.CompleteAsync();
    }

    public ValueTask DisposeAsync()
    {
        _activator.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed record Job(int Number);
}
