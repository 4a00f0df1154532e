using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Has a build created once, and hands its id to <see cref="BuildSignalHandler"/>.</summary>
internal sealed class BuildHandler(BuildRecords records, RunnerClients clients, BuildTriggers triggers, BuildAnswers answers, BuildTelemetry telemetry, ILogger<BuildHandler> logger) : IMessageHandler
{
    private const int MaxLookUps = 5;

    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var messages = BuildMessages.In(delivery);
        await answers.SaveAllAsync(delivery).ConfigureAwait(false);
        while (true)
        {
            if (await records.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { BuildId: null } build } reading)
            {
                return Outcome.Done;
            }

            var client = clients.Get(build.Runner);
            if (build.Status.IsTerminal())
            {
                return await LookAgainAsync(reading, client, delivery, cancellationToken).ConfigureAwait(false);
            }

            var outcome = build.TriggerAttemptedAt is { } mark
                ? await ResolveAsync(reading, client, mark, messages, cancellationToken).ConfigureAwait(false)
                : await BeginAsync(reading, client, messages, cancellationToken).ConfigureAwait(false);
            if (outcome is not null)
            {
                return outcome;
            }
        }
    }

    // Each of these returns null where somebody else has changed the build, so that it is decided anew.
    private async Task<Outcome?> BeginAsync(BuildReading reading, RunnerClient client, BuildMessages messages, CancellationToken cancellationToken)
    {
        var build = reading.Build!.DueAt(reading.Now);
        if (build.CancelCause != BuildCancelCause.None)
        {
            return await EndAsync(reading, build.Cancelled(), messages, cancellationToken).ConfigureAwait(false);
        }

        using var turn = await client.EnterAsync(reading, RunnerCalls.Writes, calls: 1, cancellationToken).ConfigureAwait(false);
        return turn.Wait ?? await triggers.TriggerAsync(reading, client, messages, cancellationToken).ConfigureAwait(false);
    }

    // The runner was asked, and what came of it is not known.
    private async Task<Outcome?> ResolveAsync(BuildReading reading, RunnerClient client, DateTimeOffset mark, BuildMessages messages, CancellationToken cancellationToken)
    {
        var build = reading.Build!;
        var settled = mark + RunnerTimes.TriggerSettlesIn(client.Options);
        if (reading.Now < settled)
        {
            telemetry.Postponed(client.Name, "unsettled_trigger");
            return Outcome.Postpone(settled - reading.Now);
        }

        if (!client.CanFind)
        {
            var failed = build.Failed(BuildFailureKinds.Infra, "The trigger outcome is unknown: the runner may have created a build that is not known here, and cannot look it up.");
            var ended = await EndAsync(reading, failed, messages, cancellationToken).ConfigureAwait(false);
            if (ended is not null)
            {
                Log.OutcomeUnknown(logger, client.Name, build.Id);
            }

            return ended;
        }

        const RunnerCalls Calls = RunnerCalls.Reads | RunnerCalls.Writes;
        using var turn = await client.EnterAsync(reading, Calls, calls: 2, cancellationToken).ConfigureAwait(false);
        return turn.Wait ?? await FindAsync(reading, client, messages, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Outcome?> FindAsync(BuildReading reading, RunnerClient client, BuildMessages messages, CancellationToken cancellationToken)
    {
        var build = reading.Build!.DueAt(reading.Now);
        BuildId? found;
        try
        {
            found = await client.FindAsync(build, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return await triggers.PostponeAsync(build.Id, client, exception, messages).ConfigureAwait(false);
        }

        if (found is { } buildId)
        {
            return await triggers.AdoptAsync(build.Id, client, buildId, messages).ConfigureAwait(false);
        }

        return build.CancelCause != BuildCancelCause.None
            ? await EndAsync(reading, build.Cancelled(), messages, cancellationToken).ConfigureAwait(false)
            : await triggers.TriggerAsync(reading, client, messages, cancellationToken).ConfigureAwait(false);
    }

    // The grace was over before it was known whether the runner has created something, which is then cancelled and named. A failure is tried again a few times, and not for ever; the note says already that one may run on.
    private async Task<Outcome> LookAgainAsync(BuildReading reading, RunnerClient client, Delivery delivery, CancellationToken cancellationToken)
    {
        var build = reading.Build!;

        // Each wait for a turn begins the attempts anew, so that their time has a bound as well.
        if (build.TriggerAttemptedAt is null || !build.IsGivenUp() || !client.CanFind || delivery.Attempt > MaxLookUps || reading.Now > RunnerTimes.AftercareEndsAt(build))
        {
            return Outcome.Done;
        }

        const RunnerCalls Calls = RunnerCalls.Reads | RunnerCalls.Writes;
        using var turn = await client.EnterAsync(reading, Calls, calls: 2, cancellationToken).ConfigureAwait(false);
        if (turn.Wait is { } wait)
        {
            return wait;
        }

        try
        {
            return await client.FindAsync(build, cancellationToken).ConfigureAwait(false) is { } buildId
                ? await triggers.AdoptAsync(build.Id, client, buildId, BuildMessages.In(delivery)).ConfigureAwait(false)
                : Outcome.Done;
        }
        catch (BuildRunnerConfigurationException exception)
        {
            return triggers.PutOff(build, client, exception);
        }
    }

    private async Task<Outcome?> EndAsync(BuildReading reading, Build ended, BuildMessages messages, CancellationToken cancellationToken) =>
        await records.TrySaveAsync(reading, ended, messages, next: null, cancellationToken).ConfigureAwait(false) is not null ? Outcome.Done : null;
}
