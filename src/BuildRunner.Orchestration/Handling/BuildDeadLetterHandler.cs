using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Ends builds that nobody would look at any more, because their message became a dead letter.</summary>
internal sealed class BuildDeadLetterHandler(BuildRecords records, RunnerClients clients, BuildTriggers triggers, BuildAnswers answers, BuildTelemetry telemetry, ILogger<BuildDeadLetterHandler> logger) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (BuildMessages.IsHastened(delivery))
        {
            // The build has another message, by which it is polled.
            return Outcome.Done;
        }

        var messages = BuildMessages.In(delivery);
        await answers.SaveAllAsync(delivery).ConfigureAwait(false);
        while (true)
        {
            if (await records.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { } build } reading || build.Status.IsTerminal())
            {
                return Outcome.Done;
            }

            // First the cause, so that whoever sees the build cancelled meanwhile records it as what it is.
            if (build.CancelCause == BuildCancelCause.None)
            {
                await records.TrySaveAsync(reading, build.Cancelling(BuildCancelCause.DeadLetter), messages, next: null, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var client = clients.Get(build.Runner);
            if (build is { BuildId: null, TriggerAttemptedAt: { } mark } && mark + RunnerTimes.TriggerSettlesIn(client.Options) is var settled && reading.Now < settled)
            {
                telemetry.Postponed(client.Name, "unsettled_trigger");
                return Outcome.Postpone(settled - reading.Now);
            }

            using var turn = IsAsked(build, client)
                ? await client.EnterAsync(reading, CallsOf(build), calls: 2, cancellationToken).ConfigureAwait(false)
                : default;
            if (turn.Wait is { } wait)
            {
                return wait;
            }

            Build named;
            try
            {
                named = build with { BuildId = build.BuildId ?? await FindAsync(build, client, cancellationToken).ConfigureAwait(false) };
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // A build that nobody knows would run on. If it cannot be looked up for long, the deadline ends it.
                return await triggers.PostponeAsync(build.Id, client, exception, messages).ConfigureAwait(false);
            }

            var topic = delivery.DeadLetterCause?.Topic ?? delivery.Topic;
            var reason = delivery.DeadLetterCause?.Failure.Reason ?? "the reason is not known.";
            var remote = await StopAsync(named, client, cancellationToken).ConfigureAwait(false);
            var failed = named.Failed(BuildFailureKinds.Infra, $"A message of '{topic}' became a dead letter: {reason} {remote}".TrimEnd());
            if (await records.TrySaveAsync(reading, failed, messages, next: null, cancellationToken).ConfigureAwait(false) is not null)
            {
                Log.EndedByDeadLetter(logger, build.Id, topic, reason);
                telemetry.DeadLettered(build.Runner);
                return Outcome.Done;
            }
        }
    }

    private static RunnerCalls CallsOf(Build build) => build.BuildId is null ? RunnerCalls.Reads | RunnerCalls.Writes : RunnerCalls.Writes;

    // Of a build that it cannot know, the runner is neither asked nor told anything.
    private static bool IsAsked(Build build, RunnerClient client) => build.BuildId is not null || (build.TriggerAttemptedAt is not null && client.CanFind);

    private static async Task<BuildId?> FindAsync(Build build, RunnerClient client, CancellationToken cancellationToken) =>
        build.TriggerAttemptedAt is null || !client.CanFind ? null : await client.FindAsync(build, cancellationToken).ConfigureAwait(false);

    // Once: the build ends whatever the runner says.
    private async Task<string> StopAsync(Build build, RunnerClient client, CancellationToken cancellationToken)
    {
        if (build.BuildId is not { } buildId)
        {
            return build.TriggerAttemptedAt is null || client.CanFind ? "" : "The runner may have created a build that is not known here.";
        }

        try
        {
            await client.CancelAsync(build.Id, buildId, cancellationToken).ConfigureAwait(false);
            return $"'{buildId}' was cancelled.";
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.CancelFailed(logger, client.Name, build.Id, buildId, exception.Message);
            return $"'{buildId}' could not be cancelled and may run on.";
        }
    }
}
