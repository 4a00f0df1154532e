using BuildRunner.Orchestration.Hosting;
using BuildRunner.Orchestration.Runners;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Ends builds whose time is over. It calls no runner, because a runner that hangs would hold up the deadlines of all others.</summary>
internal sealed class BuildDeadlineHandler(BuildRecords records, RunnerClients clients, ILogger<BuildDeadlineHandler> logger) : IMessageHandler
{
    // How often, and for how long, a deadline is left to a process that knows the runner and with it the grace. If none comes, the default holds.
    private static readonly TimeSpan LeftFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLeft = TimeSpan.FromMinutes(1);

    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var messages = BuildMessages.In(delivery);
        while (true)
        {
            if (await records.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { } build } reading || build.Status.IsTerminal())
            {
                return Outcome.Done;
            }

            var end = build.GraceEndsAt ?? build.Deadline;
            if (reading.Now < end)
            {
                return Outcome.Postpone(end - reading.Now);
            }

            if (build.GraceEndsAt is not null)
            {
                // The pause that the runner asked for holds for the last cancel as well.
                var failed = build.Failed(BuildFailureKinds.Timeout, NoteOf(build)) with { NotBefore = build.NotBefore };
                if (await records.TrySaveAsync(reading, failed, messages, build.TriggerAttemptedAt is null ? null : messages.NextOf(build), cancellationToken).ConfigureAwait(false) is not null)
                {
                    Log.GraceOver(logger, build.Id, build.Runner);
                    return Outcome.Done;
                }
            }
            else if (!clients.Has(build.Runner) && build.Deadline + LongestLeft - reading.Now is var left && left > TimeSpan.Zero)
            {
                var pause = RunnerTimes.Later(LeftFor);
                return Outcome.Postpone(pause < left ? pause : left);
            }
            else
            {
                var grace = clients.OptionsOf(build.Runner).Grace;
                var cancelling = build.Cancelling(BuildCancelCause.Deadline) with { GraceEndsAt = reading.Now + BuildTimes.RoundUp(grace) };
                if (await records.TrySaveAsync(reading, cancelling, messages, messages.NextOf(build), cancellationToken).ConfigureAwait(false) is not null)
                {
                    Log.DeadlinePassed(logger, build.Id);
                    return Outcome.Postpone(grace);
                }
            }
        }
    }

    private static string NoteOf(Build build) => (build.BuildId, build.TriggerAttemptedAt) switch
    {
        ({ } buildId, _) => $"The build had not ended by its deadline, and its runner did not say that it was cancelled: '{buildId}' may run on.",
        (_, not null) => "The build had not ended by its deadline, and its runner did not say whether it was created: one may run on.",
        _ => "The build had not been created by its deadline.",
    };
}
