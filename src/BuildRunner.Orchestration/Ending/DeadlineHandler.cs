namespace BuildRunner.Orchestration;

/// <summary>Ends builds after one of their limits. It calls no runner, because one that hangs would delay the limits of all.</summary>
internal sealed class DeadlineHandler(BuildUpdater updater, RunnerClients clients, HarmlessLogger<DeadlineHandler> logger) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (await updater.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { } build } reading)
        {
            return Outcome.Done;
        }

        var (options, isKnown) = (clients.OptionsOf(build.Runner), clients.Has(build.Runner));
        var update = await updater.UpdateAsync(reading, it => DeadlineDecision.Decide(it, options, isKnown), cancellationToken)
            .ConfigureAwait(false);
        switch (update)
        {
            case { IsSaved: true, Build.Status: BuildStatus.Failed }:
                Log.GraceOver(logger, build.Id, build.Runner);
                break;
            case { IsSaved: true, Build.Bookkeeping.LastCallEndsAt: null }:
                Log.DeadlinePassed(logger, build.Id, BuildLimits.NameOf(update.Build.Bookkeeping.TimeoutOf));
                break;
        }

        return update.Outcome!;
    }
}
