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

            var end = build.LastCallEndsAt ?? build.GraceEndsAt ?? build.Deadline;
            if (reading.Now < end)
            {
                return Outcome.Postpone(end - reading.Now);
            }

            var outcome = build.GraceEndsAt is null
                ? await CancelAsync(reading, messages, cancellationToken).ConfigureAwait(false)
                : build.LastCallEndsAt is null && MayBeRemote(build)
                    ? await AskAsync(reading, messages, cancellationToken).ConfigureAwait(false)
                    : await EndAsync(reading, messages, cancellationToken).ConfigureAwait(false);
            if (outcome is not null)
            {
                return outcome;
            }
        }
    }

    // Each of these returns null where somebody else has changed the build, so that it is decided anew.
    private async Task<Outcome?> CancelAsync(BuildReading reading, BuildMessages messages, CancellationToken cancellationToken)
    {
        var build = reading.Build!;
        if (!clients.Has(build.Runner) && build.Deadline + LongestLeft - reading.Now is var left && left > TimeSpan.Zero)
        {
            var pause = RunnerTimes.Later(LeftFor);
            return Outcome.Postpone(pause < left ? pause : left);
        }

        var grace = clients.OptionsOf(build.Runner).Grace;
        var cancelling = build.Cancelling(BuildCancelCause.Deadline) with { GraceEndsAt = reading.Now + BuildTimes.RoundUp(grace) };
        var saved = await records.TrySaveAsync(reading, cancelling, messages, messages.NextOf(build), cancellationToken).ConfigureAwait(false);
        if (saved is null)
        {
            return null;
        }

        Log.DeadlinePassed(logger, build.Id);
        return Outcome.Postpone(grace);
    }

    // It may have ended while nobody was there to ask. That is saved, so that it is done once: a runner that does not answer puts off the end no further.
    private async Task<Outcome?> AskAsync(BuildReading reading, BuildMessages messages, CancellationToken cancellationToken)
    {
        var build = reading.Build!;
        var end = RunnerTimes.LastCallEndsAt(build, clients.OptionsOf(build.Runner), reading.Now);
        var asked = build with { LastCallEndsAt = end };
        var saved = await records.TrySaveAsync(reading, asked, messages, messages.NextOf(build), cancellationToken).ConfigureAwait(false);
        return saved is null ? null : Outcome.Postpone(end - reading.Now);
    }

    private async Task<Outcome?> EndAsync(BuildReading reading, BuildMessages messages, CancellationToken cancellationToken)
    {
        // The pause that the runner asked for holds for the last cancel as well.
        var build = reading.Build!;
        var failed = build.Failed(BuildFailureKinds.Timeout, NoteOf(build)) with { NotBefore = build.NotBefore };
        var next = MayBeRemote(build) ? messages.NextOf(build) : null;
        if (await records.TrySaveAsync(reading, failed, messages, next, cancellationToken).ConfigureAwait(false) is null)
        {
            return null;
        }

        Log.GraceOver(logger, build.Id, build.Runner);
        return Outcome.Done;
    }

    private static bool MayBeRemote(Build build) => build.BuildId is not null || build.TriggerAttemptedAt is not null;

    private static string NoteOf(Build build) => (build.BuildId, build.TriggerAttemptedAt) switch
    {
        ({ } buildId, _) => $"The build had not ended by its deadline, and its runner did not say that it was cancelled: '{buildId}' may run on.",
        (_, not null) => "The build had not ended by its deadline, and its runner did not say whether it was created: one may run on.",
        _ => "The build had not been created by its deadline.",
    };
}
