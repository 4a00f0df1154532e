using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration;

/// <summary>Deletes builds that ended long ago, a few at a time.</summary>
internal sealed class BuildRetention(
    IBuildStore store,
    IOptions<BuildOrchestrationOptions> options,
    HarmlessLogger<BuildRetention> logger,
    TimeProvider timeProvider) : BackgroundService
{
    private const int BatchSize = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var retention = options.Value.Retention;
            using PeriodicTimer timer = new(Interval, timeProvider);
            do
            {
                await DeleteAsync(retention, stoppingToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // A host that fails to start is disposed without a stop, and would log this as a failure.
        }
    }

    private async Task DeleteAsync(TimeSpan retention, CancellationToken stoppingToken)
    {
        try
        {
            var count = 0;
            int deleted;
            do
            {
                deleted = await store.DeleteEndedAsync(retention, BatchSize, stoppingToken).ConfigureAwait(false);
                count += deleted;
            }
            while (deleted == BatchSize);

            while (await store.DeleteExpiredDocumentsAsync(BatchSize, stoppingToken).ConfigureAwait(false) == BatchSize)
            {
            }

            if (count > 0)
            {
                Log.Deleted(logger, retention, count);
            }
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // The next round tries again.
            Log.NotDeleted(logger, exception);
        }
    }
}
