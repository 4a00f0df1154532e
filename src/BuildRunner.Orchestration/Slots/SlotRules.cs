
namespace BuildRunner.Orchestration;

/// <summary>Decides what each save does to the build's place in the line and its slot, and who follows from that.</summary>
internal static class SlotRules
{
    /// <summary>Whether builds of a runner wait for slots or for each other.</summary>
    public static bool IsLimited(this BuildRunnerOptions options) =>
        options.MaxInFlight is not null || options.MinInterval > TimeSpan.Zero || options.CooldownAfter is not null;

    /// <param name="reading">The build before the step.</param>
    /// <param name="decided">The step as it was decided, before it was decided whether the build is tried again.</param>
    /// <param name="step">The step as it is to be saved.</param>
    /// <param name="options">The options of the runner.</param>
    public static Step Of(BuildReading reading, Step decided, Step step, BuildRunnerOptions options)
    {
        if (reading.Build is not { } before || step.Changed is not { } changed || changed == before || step.Needs is not null)
        {
            return step;
        }

        var placed = step.With(Placed(changed, step, reading.Now, options));
        return options.CooldownAfter is { } most && decided is { IsVerdict: true, Changed: { } ended }
            ? Counted(reading, ended, placed, most, options.Cooldown)
            : placed;
    }

    /// <summary>Whether the message is to be published that lets builds in: one has joined the line, or a slot is free.</summary>
    /// <param name="before">The build before the save.</param>
    /// <param name="after">The saved build.</param>
    /// <param name="isLimited">Whether others may wait for the slot.</param>
    public static bool LetsIn(Build before, Build after, bool isLimited) =>
        (before.Bookkeeping.Line is null && after.Bookkeeping.Line is not null)
        || (isLimited && before.Bookkeeping.SlotSince is not null && after.Bookkeeping.SlotSince is null);

    private static Build Placed(Build after, Step step, DateTimeOffset now, BuildRunnerOptions options)
    {
        var books = after.Bookkeeping;
        var placed = after switch
        {
            _ when after.Status.IsTerminal() => books with { Line = null, SlotSince = null },

            // Builds of a runner without limits hold slots as well, so that a limit that is set later counts them.
            { RemoteId: not null } => books with { Line = null, SlotSince = books.SlotSince ?? now },

            // Others would be refused as well, and each of them begins with a short pause.
            _ when step.Reason == FailedCallDecision.Configuration => books,

            // Nothing was created for it, and for long nothing will be. Its message has it join the line again.
            { Bookkeeping.TriggerAttemptedAt: null }
                when books.NotBefore - now is { } pause && RunnerTimes.IsTooLongInSlot(options, books.ErrorsInARow, pause) =>
                books with { SlotSince = null },
            _ => books,
        };
        return after with { Bookkeeping = placed };
    }

    // A cancelled build and one that took too long show nothing, whatever the runner makes of them.
    private static Step Counted(BuildReading reading, Build ended, Step step, int most, TimeSpan cooldown)
    {
        var kind = ended.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind);
        if (ended.Status == BuildStatus.Cancelled || ended.CancelCause != BuildCancelCause.None || kind == BuildFailureKinds.Timeout)
        {
            return step;
        }

        if (!reading.Documents.TryGetValue(DocumentNames.OfLine(ended.Runner), out var document))
        {
            return Step.Need(DocumentNames.OfLine(ended.Runner));
        }

        var line = RunnerLine.Read(document);
        var failures = ended.Status == BuildStatus.Failed && kind == BuildFailureKinds.Infra ? line.FailuresInARow + 1 : 0;
        var counted = failures < most
            ? line with { FailuresInARow = failures }
            : line with { FailuresInARow = 0, CooldownEndsAt = reading.Now + RunnerTimes.RoundUp(cooldown) };
        return counted == line ? step : step with { Line = counted.Write(ended.Runner, document) };
    }
}
