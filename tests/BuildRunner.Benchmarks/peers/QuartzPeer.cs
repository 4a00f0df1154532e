using System.Globalization;
using Quartz;

namespace BuildRunner.Peers;

/// <summary>Quartz.NET with the store of a cluster: a job is a trigger, and runs again because its trigger repeats, which costs less than
/// a new trigger.</summary>
internal sealed class QuartzPeer(Load load) : IPeer
{
    private const int Parallelism = 20;
    private const int Connections = Parallelism + 3;

    private static readonly JobKey Key = new("job");

    private IScheduler? _scheduler;

    public bool HasBulk => true;

    public async Task StartAsync(bool works)
    {
        _scheduler = await QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.ConfigureScheduler(static options =>
            {
                options.InstanceName = "jobs";
                options.GenerateInstanceId = true;
            });
            quartz.UseDefaultThreadPool(maxConcurrency: Parallelism);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres($"{load.Connection};Maximum Pool Size={Connections}");
                store.UseSystemTextJsonSerializer();
                store.UseClustering();
                store.ProvisionSchema();
                store.ConfigureStore(static options => options.StoreJobDataAsStrings = true);
            });
        }).BuildScheduler();
        await _scheduler.AddJob(JobBuilder.Create<Job>().WithIdentity(Key).StoreDurably().Build());
        if (works)
        {
            await _scheduler.Start();
        }
    }

    public async Task EnqueueAsync(int job, TimeSpan delay) => await _scheduler!.ScheduleJob(TriggerOf(job, delay));

    public async Task EnqueueAllAsync(IReadOnlyList<(int Job, TimeSpan Delay)> jobs)
    {
        var detail = JobBuilder.Create<Job>().WithIdentity(Key).StoreDurably().Build();
        await _scheduler!.ScheduleJob(detail, [.. jobs.Select(static job => TriggerOf(job.Job, job.Delay))], ScheduleJobOptions.Replacing);
    }

    public async ValueTask DisposeAsync()
    {
        if (_scheduler is not null)
        {
            await _scheduler.Shutdown(waitForJobsToComplete: true);
        }
    }

    private static ITrigger TriggerOf(int job, TimeSpan delay)
    {
        var trigger = TriggerBuilder.Create().ForJob(Key).WithIdentity($"{job}").StartAt(DateTimeOffset.UtcNow + delay);
        return Executions.Current.Repeats
            ? trigger.WithSimpleSchedule(static schedule => schedule.WithInterval(Load.Cadence).RepeatForever()).Build()
            : trigger.Build();
    }

    private sealed class Job : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
        {
            Executions.Current.Add(int.Parse(context.Trigger.Key.Name, CultureInfo.InvariantCulture));
            return ValueTask.CompletedTask;
        }
    }
}
