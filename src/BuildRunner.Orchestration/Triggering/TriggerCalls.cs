namespace BuildRunner.Orchestration;

/// <summary>Marks a build, triggers it, and saves the answer, even of an abandoned call.</summary>
internal sealed class TriggerCalls(
    BuildUpdater updater, TriggerAnswers answers, BuildTelemetry telemetry, HarmlessLogger<TriggerCalls> logger, TimeProvider timeProvider)
{
    /// <summary>Triggers a build whose mark, if any, came to nothing. The token cancels before the call, not during it.</summary>
    public async Task<Outcome> TriggerAsync(BuildReading reading, RunnerClient client, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = timeProvider.GetTimestamp();
        var before = reading.Build!.Bookkeeping.TriggerAttemptedAt;
        var marked = await updater.UpdateAsync(reading, it => TriggerDecision.Mark(it, before, client.Options), CancellationToken.None)
            .ConfigureAwait(false);
        if (marked.Outcome is { } outcome)
        {
            return outcome;
        }

        if (cancellationToken.IsCancellationRequested || answers.IsClosed
            || marked.Reading.Took + timeProvider.GetElapsedTime(start) >= client.Options.TriggerTimeout)
        {
            // The process stops, or the call might end after others look into it.
            return await answers.SaveAsync(new(marked.Reading, client)).ConfigureAwait(false);
        }

        using var underWay = answers.Follow();
        var call = client.TriggerAsync(marked.Build!, late => _ = SaveLateAsync(late, marked.Reading, client));
        if (await AnswerOfAsync(call, marked.Reading, client).ConfigureAwait(false) is { } answer)
        {
            return await answers.SaveAsync(answer).ConfigureAwait(false);
        }

        var settles = RunnerTimes.Later(RunnerTimes.TriggerSettlesIn(client.Options));
        telemetry.Postponed(client.Name, "unsettled_trigger");
        Log.TriggerLost(logger, client.Name, marked.Build!.Id, settles);
        return Outcome.Postpone(settles);
    }

    /// <summary>Gets the answer, or null if it is unknown whether a build was created.</summary>
    private static async Task<TriggerAnswer?> AnswerOfAsync(Task<BuildId> call, BuildReading marked, RunnerClient client)
    {
        try
        {
            var remoteId = await call.ConfigureAwait(false);
            return remoteId.IsDefault ? null : new(marked, client, remoteId);
        }
        catch (BuildRunnerException exception) when (exception is not TriggerOutcomeUnknownException)
        {
            return new(marked, client, rejection: exception);
        }
        catch (Exception)
        {
            return null;
        }
    }

    private async Task SaveLateAsync(Task<BuildId> call, BuildReading marked, RunnerClient client)
    {
        try
        {
            if (await AnswerOfAsync(call, marked, client).ConfigureAwait(false) is { } answer)
            {
                await answers.SaveAsync(answer).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // The answer is kept and the error was logged.
        }
    }
}
