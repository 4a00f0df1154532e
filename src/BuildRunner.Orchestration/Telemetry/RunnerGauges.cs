using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration;

/// <summary>Reads how the runners of this process are, in all processes, while somebody measures it.</summary>
internal sealed class RunnerGauges(
    RunnerPauses pauses,
    RunnerClients clients,
    BuildTelemetry telemetry,
    HarmlessLogger<RunnerGauges> logger,
    TimeProvider timeProvider) : BackgroundService
{
    /// <summary>How old a measurement may be.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using PeriodicTimer timer = new(Interval, timeProvider);
            do
            {
                await RefreshAsync(stoppingToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // A host that fails to start is disposed without a stop, and would log this as a failure.
        }
    }

    /// <summary>Reads them now.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (!telemetry.MeasuresRunners)
        {
            return;
        }

        try
        {
            var states = await pauses.ListAsync(cancellationToken).ConfigureAwait(false);
            telemetry.NoteRunners([.. states.Where(state => clients.Has(state.Runner)).Select(GaugeOf)]);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // No figure is better than an old one.
            telemetry.NoteRunners([]);
            Log.RunnersNotRead(logger, exception);
        }
    }

    private RunnerGauge GaugeOf(RunnerState state) => new(
        state.Runner,
        clients.OptionsOf(state.Runner).IsLimited() ? state.InFlight : null,
        state.Pause is { Holds: true });
}
