using BuildRunner.Orchestration.Hosting;
using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Polls a build until it has ended. It postpones its message and never publishes it, so that the loop's life depends on nothing but that message.</summary>
internal sealed class BuildSignalHandler(BuildRecords records, RunnerClients clients, BuildTriggers triggers, BuildTelemetry telemetry, ILogger<BuildSignalHandler> logger) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (await records.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { BuildId: { } buildId } build } reading || build.Status.IsTerminal())
        {
            return Outcome.Done;
        }

        var client = clients.Get(build.Runner);
        if (build.NotBefore is { } notBefore && notBefore > reading.Now)
        {
            telemetry.Postponed(client.Name, "not_before");
            return Outcome.Postpone(notBefore - reading.Now);
        }

        if (!await client.TryEnterAsync(cancellationToken).ConfigureAwait(false))
        {
            telemetry.Postponed(client.Name, "no_permit");
            return Outcome.Postpone(RunnerTimes.Later(RunnerTimes.PermitWait));
        }

        telemetry.Polled(client.Name, reading.Now - delivery.DueAt);
        return await PollAsync(build, buildId, client, BuildMessages.In(delivery), cancellationToken).ConfigureAwait(false);
    }

    private async Task<Outcome> PollAsync(Build build, BuildId buildId, RunnerClient client, BuildMessages messages, CancellationToken cancellationToken)
    {
        try
        {
            if (build.CancelCause != BuildCancelCause.None)
            {
                await CancelAsync(build.Id, buildId, client, cancellationToken).ConfigureAwait(false);
            }

            var snapshot = await client.StatusAsync(buildId, cancellationToken).ConfigureAwait(false);

            // Most polls find nothing new, and cost one read.
            return build.Seen(snapshot) == build
                ? Next(build, client, snapshot)
                : await SaveAsync(build.Id, client, snapshot, messages).ConfigureAwait(false);
        }
        catch (BuildNotFoundException)
        {
            return await MissAsync(build.Id, client, messages).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is BuildRunnerException or TimeoutException || !cancellationToken.IsCancellationRequested)
        {
            return await triggers.PostponeAsync(build.Id, client, "status", exception, messages).ConfigureAwait(false);
        }
    }

    // As long as the build has not ended, each poll sends it again, so that an error is none of the poll, unless the runner wants to be left alone.
    private async Task CancelAsync(Guid id, BuildId buildId, RunnerClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.CancelAsync(buildId, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not BuildRunnerException { RetryAfter: { Ticks: > 0 } })
        {
            Log.CancelFailed(logger, client.Name, id, buildId, exception);
        }
    }

    private async Task<Outcome> SaveAsync(Guid id, RunnerClient client, BuildSnapshot snapshot, BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { } build || build.Status.IsTerminal())
            {
                return Outcome.Done;
            }

            var seen = build.Seen(snapshot);
            if (seen == build || await records.TrySaveAsync(reading, seen, messages, next: null, CancellationToken.None).ConfigureAwait(false))
            {
                return seen.Status.IsTerminal() ? Outcome.Done : Next(seen, client, snapshot);
            }
        }
    }

    private Outcome Next(Build build, RunnerClient client, BuildSnapshot snapshot)
    {
        telemetry.Postponed(client.Name, "poll");
        return Outcome.Postpone(RunnerTimes.PollDelay(client.Options, build.Status, snapshot.PollAfter));
    }

    // It may not be visible yet, or be on another node: it is believed when it is said for long.
    private async Task<Outcome> MissAsync(Guid id, RunnerClient client, BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { } build || build.Status.IsTerminal())
            {
                return Outcome.Done;
            }

            var since = build.MissingSince ?? reading.Now;
            var isBelieved = reading.Now - since >= client.Options.MissingGrace;
            var changed = isBelieved
                ? build.Failed(BuildFailureKinds.Infra, $"The runner does not know the build '{build.BuildId}' any more.")
                : build.Missing(since);
            if (changed == build || await records.TrySaveAsync(reading, changed, messages, next: null, CancellationToken.None).ConfigureAwait(false))
            {
                if (isBelieved)
                {
                    return Outcome.Done;
                }

                telemetry.Postponed(client.Name, "missing");
                return Outcome.Postpone(RunnerTimes.PollDelay(client.Options, build.Status, hint: null));
            }
        }
    }
}
