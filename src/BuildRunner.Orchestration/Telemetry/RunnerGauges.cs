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
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>How old a figure may be. A read may take some time, or fail to end.</summary>
    public static readonly TimeSpan MaxAge = 3 * Interval;

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
            var controls = await pauses.ReadAsync(cancellationToken).ConfigureAwait(false);
            List<RunnerGauge> runners = [];
            foreach (var runner in clients.Names)
            {
                int? inFlight = clients.OptionsOf(runner).IsLimited()
                    ? await pauses.CountInFlightAsync(runner, cancellationToken).ConfigureAwait(false)
                    : null;
                runners.Add(new(runner, inFlight, controls.GetValueOrDefault(runner, RunnerControl.None).IsHeld));
            }

            telemetry.NoteRunners(runners, timeProvider);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // No figure is better than an old one.
            telemetry.NoteRunners([], timeProvider);
            Log.RunnersNotRead(logger, exception);
        }
    }
}
