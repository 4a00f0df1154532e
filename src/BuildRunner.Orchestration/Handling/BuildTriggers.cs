using BuildRunner.Orchestration.Hosting;
using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Triggers, and saves what the runner answers, whoever has stopped waiting for it and whatever has become of the build meanwhile.</summary>
internal sealed class BuildTriggers(BuildRecords records, BuildTelemetry telemetry, ILogger<BuildTriggers> logger, TimeProvider timeProvider)
{
    /// <summary>Marks the build and triggers it.</summary>
    /// <returns><see langword="null"/> if somebody else has changed the build since it was read.</returns>
    public async Task<Outcome?> TriggerAsync(BuildReading read, RunnerClient client, BuildMessages messages, CancellationToken cancellationToken)
    {
        // The mark says when the call began at the earliest, so its time is not that from before the wait for a permit.
        var start = timeProvider.GetTimestamp();
        var reading = await records.ReadAsync(read.Build!.Id, cancellationToken).ConfigureAwait(false);
        if (reading.Build is not { } build || build.Version != read.Build.Version)
        {
            return null;
        }

        if (!await records.TrySaveAsync(reading, build.Marked(reading.Now), messages, next: null, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var settles = RunnerTimes.TriggerSettlesIn(client.Options);
        if (timeProvider.GetElapsedTime(start) >= client.Options.TriggerTimeout)
        {
            // Saving took so long that the call would not end before others look into it.
            telemetry.Postponed(client.Name, "unsettled_trigger");
            return Outcome.Postpone(settles);
        }

        try
        {
            var buildId = await client.TriggerAsync(build.Request, client.Options.TriggerTimeout, late => _ = AdoptLateAsync(build.Id, client, late, messages), cancellationToken).ConfigureAwait(false);
            await AdoptAsync(build.Id, client, buildId, messages).ConfigureAwait(false);
            return Outcome.Done;
        }
        catch (BuildRunnerException exception) when (exception is not TriggerOutcomeUnknownException)
        {
            return await RefuseAsync(build.Id, client, reading.Now, exception, messages).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Also where this process stops: the trigger may have arrived.
            Log.TriggerLost(logger, client.Name, build.Id, settles, exception);
            telemetry.Postponed(client.Name, "unsettled_trigger");
            return Outcome.Postpone(settles);
        }
    }

    /// <summary>Saves the id that the runner has given the build. If the build has ended or has another one, nobody needs this one, and it is cancelled.</summary>
    public async Task AdoptAsync(Guid id, RunnerClient client, BuildId buildId, BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { } build)
            {
                await CancelAsync(id, client, buildId).ConfigureAwait(false);
                return;
            }

            if (build.BuildId == buildId)
            {
                return;
            }

            var isNeeded = build.BuildId is null && !build.Status.IsTerminal();
            var changed = isNeeded
                ? build.Accepted(buildId)
                : build.WithNote(await CancelAsync(id, client, buildId).ConfigureAwait(false)
                    ? $"The runner also created '{buildId}', which was cancelled."
                    : $"The runner also created '{buildId}', which could not be cancelled and may run on.");
            if (await records.TrySaveAsync(reading, changed, messages, isNeeded ? messages.SignalOf(build) : null, CancellationToken.None).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <summary>Saves that a call has failed, and when the next may be made.</summary>
    public async Task<Outcome> PostponeAsync(Guid id, RunnerClient client, string operation, Exception exception, BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { } build || build.Status.IsTerminal())
            {
                return Outcome.Done;
            }

            var delay = RunnerTimes.ErrorDelay(client.Options, build.ErrorsInARow + 1, (exception as BuildRunnerException)?.RetryAfter);
            if (await records.TrySaveAsync(reading, build.Errored(reading.Now + delay), messages, next: null, CancellationToken.None).ConfigureAwait(false))
            {
                Log.CallFailed(logger, operation, client.Name, id, delay, exception);
                telemetry.Postponed(client.Name, "error");
                return Outcome.Postpone(delay);
            }
        }
    }

    // The runner has said that it created nothing.
    private async Task<Outcome> RefuseAsync(Guid id, RunnerClient client, DateTimeOffset mark, BuildRunnerException exception, BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { BuildId: null } build || build.Status.IsTerminal())
            {
                return Outcome.Done;
            }

            if (build.TriggerAttemptedAt != mark)
            {
                // Another delivery has triggered since; what came of that is not known here.
                return Outcome.Postpone(RunnerTimes.TriggerSettlesIn(client.Options));
            }

            var delay = RunnerTimes.ErrorDelay(client.Options, build.ErrorsInARow + 1, exception.RetryAfter);
            var changed = exception.IsTransient
                ? build.Untriggered(reading.Now + delay)
                : build.Failed(BuildFailureKinds.Infra, $"The runner refused the build: {exception.Message}");
            if (await records.TrySaveAsync(reading, changed, messages, next: null, CancellationToken.None).ConfigureAwait(false))
            {
                Log.TriggerRefused(logger, client.Name, id, exception);
                if (!exception.IsTransient)
                {
                    return Outcome.Done;
                }

                telemetry.Postponed(client.Name, "error");
                return Outcome.Postpone(delay);
            }
        }
    }

    private async Task<bool> CancelAsync(Guid id, RunnerClient client, BuildId buildId)
    {
        Log.Superfluous(logger, client.Name, id, buildId);
        try
        {
            await client.CancelAsync(buildId, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            Log.CancelFailed(logger, client.Name, id, buildId, exception);
            return false;
        }
    }

    private async Task AdoptLateAsync(Guid id, RunnerClient client, Task<BuildId> late, BuildMessages messages)
    {
        BuildId buildId;
        try
        {
            buildId = await late.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // That its outcome is not known was noted when it was given up, and an exception says no more than that.
            return;
        }

        try
        {
            if (!buildId.IsDefault)
            {
                await AdoptAsync(id, client, buildId, messages).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            Log.LateAnswerLost(logger, client.Name, id, exception);
        }
    }
}
