using System.Collections.Concurrent;
using BuildRunner.Orchestration.Hosting;
using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Triggers, and saves what the runner answers, whoever has stopped waiting for it and whatever has become of the build meanwhile.</summary>
internal sealed class BuildTriggers(BuildRecords records, BuildTelemetry telemetry, ILogger<BuildTriggers> logger, TimeProvider timeProvider)
{
    // What could not be saved, by build, until it is. An answer is of the process that got it, so it is lost with that alone.
    private readonly ConcurrentDictionary<Guid, Answer> _unsaved = new();

    /// <summary>Gets what a runner has answered and could not be saved, if there is such a thing.</summary>
    public Answer? Unsaved(Guid id) => _unsaved.GetValueOrDefault(id);

    /// <summary>Marks the build and triggers it.</summary>
    /// <returns><see langword="null"/> if somebody else has changed the build since it was read.</returns>
    public async Task<Outcome?> TriggerAsync(BuildReading read, RunnerClient client, BuildMessages messages, CancellationToken cancellationToken)
    {
        // The mark says when the call began at the earliest, so its time is not that from before the wait for a permit.
        var start = timeProvider.GetTimestamp();
        var id = read.Build!.Id;
        var reading = await records.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (reading.Build is not { } build || build.Version != read.Build.Version
            || !await records.TrySaveAsync(reading, build.Marked(reading.Now), messages, next: null, CancellationToken.None).ConfigureAwait(false))
        {
            return null;
        }

        if (cancellationToken.IsCancellationRequested || timeProvider.GetElapsedTime(start) >= client.Options.TriggerTimeout)
        {
            // This process stops, or saving took so long that the call would not end before others look into it.
            return await SaveAsync(new(id, client, "not called", () => UnmarkAsync(id, reading.Now, messages))).ConfigureAwait(false);
        }

        try
        {
            return await SaveAsync(await CallAsync(build, client, reading.Now, messages).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OutcomeUnknownException exception)
        {
            var settles = RunnerTimes.Later(RunnerTimes.TriggerSettlesIn(client.Options));
            Log.TriggerLost(logger, client.Name, id, settles, exception.InnerException!);
            telemetry.Postponed(client.Name, "unsettled_trigger");
            return Outcome.Postpone(settles);
        }
    }

    /// <summary>Saves an answer, and keeps it where that fails.</summary>
    public async Task<Outcome> SaveAsync(Answer answer)
    {
        try
        {
            var outcome = await answer.Save().ConfigureAwait(false);
            _unsaved.TryRemove(answer.Id, out _);
            return outcome;
        }
        catch (Exception exception)
        {
            _unsaved[answer.Id] = answer;
            Log.AnswerNotSaved(logger, answer.Client.Name, answer.Id, answer.Text, exception);
            throw;
        }
    }

    /// <summary>Saves the id that the runner has given the build. If the build has ended or has another one, nobody needs this one, and it is cancelled.</summary>
    public async Task<Outcome> AdoptAsync(Guid id, RunnerClient client, BuildId buildId, BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { } build)
            {
                await CancelAsync(id, client, buildId).ConfigureAwait(false);
                return Outcome.Done;
            }

            if (build.BuildId == buildId)
            {
                return Outcome.Done;
            }

            var isNeeded = build.BuildId is null && !build.Status.IsTerminal();
            var changed = isNeeded
                ? build.Accepted(buildId)
                : build.WithNote(await CancelAsync(id, client, buildId).ConfigureAwait(false)
                    ? $"The runner also created '{buildId}', which was cancelled."
                    : $"The runner also created '{buildId}', which could not be cancelled and may run on.");
            if (await records.TrySaveAsync(reading, changed, messages, isNeeded ? messages.SignalOf(build) : null, CancellationToken.None).ConfigureAwait(false))
            {
                return Outcome.Done;
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
            await client.CancelAsync(id, buildId, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            Log.CancelFailed(logger, client.Name, id, buildId, exception);
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
                || await records.TrySaveAsync(reading, build.Unmarked(), messages, next: null, CancellationToken.None).ConfigureAwait(false))
            {
                return Outcome.Postpone(TimeSpan.Zero);
            }
        }
    }

    private async Task<Answer> CallAsync(Build build, RunnerClient client, DateTimeOffset mark, BuildMessages messages)
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

    private Answer AcceptanceOf(Guid id, RunnerClient client, BuildId buildId, BuildMessages messages) => new(id, client, buildId.Value, () => AdoptAsync(id, client, buildId, messages));

    private Answer RefusalOf(Guid id, RunnerClient client, DateTimeOffset mark, BuildRunnerException exception, BuildMessages messages) =>
        new(id, client, exception.Message, () => RefuseAsync(id, client, mark, exception, messages));

    private async Task SaveLateAsync(Guid id, RunnerClient client, DateTimeOffset mark, Task<BuildId> late, BuildMessages messages)
    {
        Answer answer;
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
            await SaveAsync(answer).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was logged and is kept for the next delivery, and nobody waits here.
        }
    }

    /// <summary>What a runner has answered, and how it is saved.</summary>
    internal sealed record Answer(Guid Id, RunnerClient Client, string Text, Func<Task<Outcome>> Save);

    private sealed class OutcomeUnknownException(Exception innerException) : Exception(null, innerException);
}
