using System.Globalization;
using BuildRunner.Orchestration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Peers;

/// <summary>BuildRunner.Orchestration: a job is a build, which is saved, triggered and polled. It is due at once.</summary>
internal sealed class BuildsPeer(Load load) : IPeer
{
    private const string Runner = "ci";

    private IHost? _host;

    public bool HasBulk => true;

    private IBuildOrchestrator Builds => _host!.Services.GetRequiredService<IBuildOrchestrator>();

    public async Task StartAsync(bool works)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddQueue().UsePostgreSql(load.Connection);
        builder.Services.AddKeyedSingleton<IBuildRunner, EndlessRunner>(Runner);
        var orchestration = builder.Services.AddBuildOrchestration();
        if (works)
        {
            orchestration.IgnoreChanges().AddRunner(Runner, options =>
            {
                options.CallsPerSecond = null;
                options.Concurrency = load.Batch;
                options.AcceptedPollDelay = options.RunningPollDelay = Load.Cadence;
            });
        }
        else
        {
            orchestration.AddRemoteRunner(Runner);
        }

        _host = builder.Build();
        await _host.StartAsync();
    }

    public Task EnqueueAsync(int job, TimeSpan delay) => Builds.SubmitAsync(SubmissionOf(job));

    public Task EnqueueAllAsync(IReadOnlyList<(int Job, TimeSpan Delay)> jobs) =>
        Builds.SubmitAllAsync([.. jobs.Select(static job => SubmissionOf(job.Job))]);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }
    }

    private static BuildSubmission SubmissionOf(int job) => new()
    {
        Key = job.ToString(CultureInfo.InvariantCulture),
        OwnerId = string.Create(CultureInfo.InvariantCulture, $"owner-{job % 100}"),
        Runner = Runner,
        Request = new BuildRequest
        {
            Head = [new Change($"git://git.example.org/shop/refs%2Fheads%2F{job}/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
        },
    };

    private sealed class EndlessRunner : IBuildRunner
    {
        private readonly Task<BuildSnapshot> _snapshot = Task.FromResult(new BuildSnapshot { Status = BuildStatus.Running });
        private long _triggers;

        public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
            Task.FromResult(new BuildId(Interlocked.Increment(ref _triggers).ToString(CultureInfo.InvariantCulture)));

        public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
        {
            Executions.Current.Add(0);
            return _snapshot;
        }

        public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
