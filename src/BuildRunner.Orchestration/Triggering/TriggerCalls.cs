using BuildRunner.Orchestration.Hosting;
using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>Marks a build, triggers it, and has saved what the runner answers, also where nobody waits for that any more.</summary>
internal sealed class TriggerCalls(BuildUpdater updater, BuildAnswers answers, BuildTelemetry telemetry, QuietLogger<TriggerCalls> logger, TimeProvider timeProvider)
{
    /// <param name="reading">The build.</param>
    /// <param name="mark">The mark of which nothing has come, or null if there was none.</param>
    /// <param name="client">The runner.</param>
    /// <param name="messages">What messages carry about the build.</param>
    /// <param name="cancellationToken">Ends it before the call, and not in it.</param>
    public async Task<Outcome> TriggerAsync(BuildReading reading, DateTimeOffset? mark, RunnerClient client, BuildMessages messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = timeProvider.GetTimestamp();
        var marked = await updater.UpdateAsync(reading, it => TriggerDecision.Mark(it, mark, client.Options), messages, CancellationToken.None).ConfigureAwait(false);
        if (marked.Outcome is { } outcome)
        {
            return outcome;
        }

        TriggerAnswer answer = new() { Asked = marked.Reading, Client = client, Messages = messages };
        if (cancellationToken.IsCancellationRequested || answers.IsClosed
            || marked.Reading.Took + timeProvider.GetElapsedTime(start) >= client.Options.TriggerTimeout)
        {
            // This process stops, or the call would not end before others look into it.
            return await answers.SaveAsync(answer).ConfigureAwait(false);
        }

        using var underWay = answers.Follow();
        var call = client.TriggerAsync(marked.Build!, late => _ = SaveLateAsync(answer, late));
        if (await AnswerOfAsync(call, answer).ConfigureAwait(false) is { } given)
        {
            return await answers.SaveAsync(given).ConfigureAwait(false);
        }

        var settles = RunnerTimes.Later(RunnerTimes.TriggerSettlesIn(client.Options));
        telemetry.Postponed(client.Name, "unsettled_trigger");
        Log.TriggerLost(logger, client.Name, marked.Build!.Id, settles);
        return Outcome.Postpone(settles);
    }

    /// <summary>What the runner says, or null where that leaves open whether it has created something.</summary>
    private static async Task<TriggerAnswer?> AnswerOfAsync(Task<BuildId> call, TriggerAnswer answer)
    {
        try
        {
            var remoteId = await call.ConfigureAwait(false);
            return remoteId.IsDefault ? null : answer with { RemoteId = remoteId };
        }
        catch (BuildRunnerException exception) when (exception is not TriggerOutcomeUnknownException)
        {
            return answer with { Rejection = exception };
        }
        catch (Exception)
        {
            return null;
        }
    }

    private async Task SaveLateAsync(TriggerAnswer answer, Task<BuildId> late)
    {
        try
        {
            if (await AnswerOfAsync(late, answer).ConfigureAwait(false) is { } given)
            {
                await answers.SaveAsync(given).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // It is kept and was logged, and nobody waits here.
        }
    }
}
