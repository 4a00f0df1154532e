namespace BuildRunner.Orchestration;

/// <summary>Lets the builds in that wait for a runner, one by one. It looks at what is so, not at what the message was published
/// for.</summary>
internal sealed class DispatchHandler(
    IBuildStore store,
    BuildUpdater updater,
    RunnerClients clients,
    HarmlessLogger<DispatchHandler> logger,
    TimeProvider timeProvider) : IMessageHandler
{
    private const int MostTries = 100;

    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var runner = delivery.Message.Id;
        if (!clients.Has(runner))
        {
            Log.ForeignMessage(logger, delivery.Topic, runner);
            return Outcome.Done;
        }

        var options = clients.OptionsOf(runner);
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (await TryLetInAsync(runner, options, BuildMessages.In(delivery), cancellationToken).ConfigureAwait(false) is { } outcome)
            {
                return outcome;
            }
        }

        return Outcome.Postpone(TimeSpan.Zero);
    }

    /// <summary>Lets one build in, unless another process was faster. Null to look again.</summary>
    private async Task<Outcome?> TryLetInAsync(
        string runner, BuildRunnerOptions options, BuildMessages messages, CancellationToken cancellationToken)
    {
        // The slots are counted after this was read: whoever lets one in meanwhile changes it, and then nothing is saved.
        var documents = await updater.ReadAsync([DocumentNames.OfRunner(runner), DocumentNames.OfLine(runner)], cancellationToken)
            .ConfigureAwait(false);
        var (control, document) = (documents[DocumentNames.OfRunner(runner)], documents[DocumentNames.OfLine(runner)]);
        var before = RunnerLine.Read(document);
        var reading = await store.ReadLineAsync(runner, before.Turns, options.MaxInFlight ?? 0, cancellationToken).ConfigureAwait(false);
        var (picked, line, outcome) = DispatchDecision.Decide(RunnerControl.Read(control), before, reading, options);
        if (picked is not null)
        {
            BuildReading build = new()
            {
                Build = picked,
                Now = reading.Now,
                ReadAt = timeProvider.GetTimestamp(),
                Messages = messages,
                Documents = new Dictionary<string, BuildDocument?>(StringComparer.Ordinal) { [DocumentNames.OfLine(runner)] = document },
            };
            await updater.UpdateAsync(build, it => DispatchDecision.LetIn(it, picked, document, line), cancellationToken)
                .ConfigureAwait(false);
        }

        return outcome;
    }
}
