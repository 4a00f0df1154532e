using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Triggers, and saves what the runner answers, whoever has stopped waiting for it and whatever has become of the build meanwhile.</summary>
internal sealed class BuildTriggers(BuildRecords records, BuildAnswers answers, BuildTelemetry telemetry, ILogger<BuildTriggers> logger, TimeProvider timeProvider)
{
    /// <summary>Marks the build and triggers it.</summary>
    /// <returns><see langword="null"/> if somebody else has changed the build since it was read, or its deadline has passed since.</returns>
    public async Task<Outcome?> TriggerAsync(BuildReading read, RunnerClient client, BuildMessages messages, CancellationToken cancellationToken)
    {
        // The mark says when the call began at the earliest, so its time is not that from before the wait for a permit.
        var start = timeProvider.GetTimestamp();
        var id = read.Build!.Id;
        var reading = await records.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (reading.Build is not { } build || build.Version != read.Build.Version || reading.Now >= build.Deadline
            || await records.TrySaveAsync(reading, build.Marked(reading.Now), messages, next: null, CancellationToken.None).ConfigureAwait(false) is null)
        {
            return null;
        }

        if (cancellationToken.IsCancellationRequested || answers.IsClosed
            || timeProvider.GetElapsedTime(start) >= client.Options.TriggerTimeout)
        {
            // This process stops, or saving took so long that the call would not end before others look into it.
            return await answers.SaveAsync(new(id, client, "not called", () => UnmarkAsync(id, reading.Now, messages))).ConfigureAwait(false);
        }

        return await answers.FollowAsync(() => AskAsync(build, client, reading.Now, messages)).ConfigureAwait(false);
    }

    /// <summary>Saves the id that the runner has given the build. If the build has ended or has another one, nobody needs this one, and it is cancelled.</summary>
    public Task<Outcome> AdoptAsync(Guid id, RunnerClient client, BuildId buildId, BuildMessages messages) => AcceptanceOf(id, client, buildId, messages).Save();

    private async Task<Outcome> AskAsync(Build build, RunnerClient client, DateTimeOffset mark, BuildMessages messages)
    {
        try
        {
            return await answers.SaveAsync(await CallAsync(build, client, mark, messages).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OutcomeUnknownException)
        {
            var settles = RunnerTimes.Later(RunnerTimes.TriggerSettlesIn(client.Options));
            Log.TriggerLost(logger, client.Name, build.Id, settles);
            telemetry.Postponed(client.Name, "unsettled_trigger");
            return Outcome.Postpone(settles);
        }
    }

    private async Task<Outcome> AdoptAsync(Guid id, RunnerClient client, BuildId buildId, Func<Task<bool>> cancel, BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { } build)
            {
                await cancel().ConfigureAwait(false);
                return Outcome.Done;
            }

            if (build.BuildId == buildId)
            {
                return Outcome.Done;
            }

            var isNeeded = build.BuildId is null && !build.Status.IsTerminal();
            var changed = isNeeded
                ? build.Accepted(buildId)
                : build.WithNote(await cancel().ConfigureAwait(false)
                    ? $"The runner also created '{buildId}', which was cancelled."
                    : $"The runner also created '{buildId}', which could not be cancelled and may run on.");
            if (await records.TrySaveAsync(reading, changed, messages, isNeeded ? messages.SignalOf(build) : null, CancellationToken.None).ConfigureAwait(false) is not null)
            {
                return Outcome.Done;
            }
        }
    }

    /// <summary>Saves that a call has failed, and when the next may be made.</summary>
    public Task<Outcome> PostponeAsync(Guid id, RunnerClient client, Exception exception, BuildMessages messages) =>
        PostponeAsync(id, client, exception, (build, now, delay) => Noted(build.Errored(now + delay), exception), messages);

    /// <summary>Puts off the aftercare of a build that has ended until the setup of its runner is mended.</summary>
    public Outcome PutOff(Build build, RunnerClient client, BuildRunnerException exception) =>
        Postpone(client, build.Id, RunnerTimes.RetryDelay(client.Options, build.ErrorsInARow + 1, exception), exception);

    /// <summary>Saves what the runner has said of the build, and that it has refused to cancel it and is left alone for a time.</summary>
    public Task<Outcome> PostponeAsync(Guid id, RunnerClient client, BuildRunnerException refusal, Func<Build, DateTimeOffset, Build> answer, BuildMessages messages) =>
        PostponeAsync(id, client, refusal, (build, now, delay) => answer(build, now) is var answered && answered.Status.IsTerminal()
            ? answered
            : Noted((answered with { ErrorsInARow = build.ErrorsInARow }).Refused(now + delay), refusal), messages);

    private async Task<Outcome> PostponeAsync(
        Guid id,
        RunnerClient client,
        Exception exception,
        Func<Build, DateTimeOffset, TimeSpan, Build> change,
        BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { } build || build.Status.IsTerminal())
            {
                return Outcome.Done;
            }

            var delay = RunnerTimes.RetryDelay(client.Options, build.ErrorsInARow + 1, exception);
            var changed = change(build, reading.Now, delay);
            if (await records.TrySaveAsync(reading, changed, messages, next: null, CancellationToken.None).ConfigureAwait(false) is not null)
            {
                return changed.Status.IsTerminal() ? Outcome.Done : Postpone(client, id, delay, exception);
            }
        }
    }

    private static Build Noted(Build build, Exception exception) =>
        exception is BuildRunnerConfigurationException ? build.WithSetupFault(exception.Message) : build;

    // A fault of the setup concerns all builds of the runner, and is logged as one.
    private Outcome Postpone(RunnerClient client, Guid id, TimeSpan delay, Exception exception)
    {
        var isSetup = exception is BuildRunnerConfigurationException;
        if (isSetup)
        {
            Log.WaitsForSetup(logger, id, client.Name, delay);
        }

        telemetry.Postponed(client.Name, isSetup ? "configuration" : "error");
        return Outcome.Postpone(delay);
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

            if (build.TriggerAttemptedAt is null)
            {
                // This was saved before, and only the answer to that was lost.
                var wait = (build.NotBefore ?? reading.Now) - reading.Now;
                return Outcome.Postpone(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            }

            if (build.TriggerAttemptedAt != mark)
            {
                // Another delivery has triggered since; what came of that is not known here.
                return Outcome.Postpone(RunnerTimes.TriggerSettlesIn(client.Options));
            }

            var delay = RunnerTimes.RetryDelay(client.Options, build.ErrorsInARow + 1, exception);
            var isOver = exception is { IsTransient: false } and not BuildRunnerConfigurationException;
            var changed = isOver ? build.Rejected(exception.Message) : Noted(build.Untriggered(reading.Now + delay), exception);
            if (await records.TrySaveAsync(reading, changed, messages, next: null, CancellationToken.None).ConfigureAwait(false) is not null)
            {
                if (!isOver)
                {
                    return Postpone(client, id, delay, exception);
                }

                Log.TriggerRejected(logger, client.Name, id, exception.Message);
                return Outcome.Done;
            }
        }
    }

    private async Task<bool> CancelAsync(Guid id, RunnerClient client, BuildId buildId)
    {
        Log.Superfluous(logger, client.Name, id, buildId);
        try
        {
            await client.CancelAsync(id, buildId, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            Log.CancelFailed(logger, client.Name, id, buildId, exception.Message);
            return false;
        }
    }

    // Nothing was asked of the runner.
    private async Task<Outcome> UnmarkAsync(Guid id, DateTimeOffset mark, BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { } build || build.TriggerAttemptedAt != mark
                || await records.TrySaveAsync(reading, build.Unmarked(), messages, next: null, CancellationToken.None).ConfigureAwait(false) is not null)
            {
                return Outcome.Postpone(TimeSpan.Zero);
            }
        }
    }

    private async Task<BuildAnswer> CallAsync(Build build, RunnerClient client, DateTimeOffset mark, BuildMessages messages)
    {
        try
        {
            var buildId = await client.TriggerAsync(build, late => _ = SaveLateAsync(build.Id, client, mark, late, messages)).ConfigureAwait(false);
            return AcceptanceOf(build.Id, client, buildId, messages);
        }
        catch (BuildRunnerException exception) when (exception is not TriggerOutcomeUnknownException)
        {
            return RefusalOf(build.Id, client, mark, exception, messages);
        }
        catch (Exception exception)
        {
            throw new OutcomeUnknownException(exception);
        }
    }

    private BuildAnswer AcceptanceOf(Guid id, RunnerClient client, BuildId buildId, BuildMessages messages)
    {
        // Once, however often it takes to save what came of it.
        Task<bool>? cancelling = null;
        return new(id, client, buildId.Value, () => AdoptAsync(id, client, buildId, () => cancelling ??= CancelAsync(id, client, buildId), messages));
    }

    private BuildAnswer RefusalOf(Guid id, RunnerClient client, DateTimeOffset mark, BuildRunnerException exception, BuildMessages messages) =>
        new(id, client, exception.Message, () => RefuseAsync(id, client, mark, exception, messages));

    private async Task SaveLateAsync(Guid id, RunnerClient client, DateTimeOffset mark, Task<BuildId> late, BuildMessages messages)
    {
        BuildAnswer answer;
        try
        {
            var buildId = await late.ConfigureAwait(false);
            if (buildId.IsDefault)
            {
                return;
            }

            answer = AcceptanceOf(id, client, buildId, messages);
        }
        catch (BuildRunnerException exception) when (exception is not TriggerOutcomeUnknownException)
        {
            answer = RefusalOf(id, client, mark, exception, messages);
        }
        catch (Exception)
        {
            // That its outcome is not known was noted when it was given up.
            return;
        }

        try
        {
            await answers.SaveAsync(answer).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was logged and is kept, and nobody waits here.
        }
    }

    private sealed class OutcomeUnknownException(Exception innerException) : Exception(null, innerException);
}
