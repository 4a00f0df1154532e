using BuildRunner.Model.Builds;
using BuildRunner.Model.Queues;
using BuildRunner.Model.Verdicts;

namespace BuildRunner.Model;

/// <summary>Represents a model with a deliberate mistake, and the rule that it breaks.</summary>
internal sealed record Mutant(string Rule, string Mistake, Scenario Scenario)
{
    public override string ToString() => $"{Rule} {Mistake}";
}

/// <summary>All deliberate mistakes: at least one for each rule.</summary>
internal static class Mutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("Q1", QueueMutation.StoresDuplicates),
        Of("Q2", QueueMutation.DoneForgetsWake),
        Of("Q2", QueueMutation.RetryKeepsWake),
        Of("Q3/Q9", QueueMutation.WakeIsFlag),
        Of("Q2b", QueueMutation.DuplicateEndsBackoff),
        Of("Q4", QueueMutation.PostponeStepsAside),
        Of("Q5", QueueMutation.RetryHolds),
        Of("Q6", QueueMutation.LeaseHoldsNothing),
        Of("Q7", QueueMutation.RenewsLapsed),
        Of("Q7", QueueMutation.StaleSettles),
        Of("Q7", QueueMutation.FirstLapseCounts),
        Of("Q8", QueueMutation.InsertsLetter),
        Of("Q8", QueueMutation.LetterKeepsLease),
        Of("Q3/Q9", QueueMutation.RoundsDown),
        Of("O1/O3", Mutation.PublishesAfterSave, new() { Crashes = 1 }),
        Of("O2", Mutation.MarksNothing, new() { Crashes = 1 }, finds: false),
        Of("O2", Mutation.TriggersBlindly, new() { Crashes = 1 }, finds: false),
        Of("O1/O3", Mutation.PollPublishes, new() { Crashes = 1 }),
        Of("O4", Mutation.ChangesShareIdentity, new()),
        Of("O5", Mutation.LetterEndsTwice, new() { Letters = 1, Signals = 1 }),
        Of("O5", Mutation.WakesAlways, new()),
        Of("O6", Mutation.ErrorsCount, new() { Errors = 1 }),
        Of("O6", Mutation.SignalIgnoresPause, new() { Errors = 1, Signals = 1 }),
        Of("O7", Mutation.DropsLetters, new() { Letters = 1 }),
        Of("O8", Mutation.CancelsOnce, new() { Cancels = 1 }),
        Of("O9", Mutation.DeadlineOnlyCancels, new() { IsLate = true }, stops: false),
        Of("O10", Mutation.BelievesSignals, new() { Signals = 1 }),
        Of("V1", Repair.Fails),
        Of("V2", Repair.Waits),
        Of("V2", Repair.AsksAgain),
    ];

    private static Mutant Of(string rule, QueueMutation mutation) =>
        new(rule, $"{mutation}", Scenario.Of($"{mutation}", Scenarios.Queue("A1 A1 A1 A2", ticks: 3, crashes: 1, redrives: 0, mutation)));

    private static Mutant Of(string rule, Mutation mutation, Faults faults, bool finds = true, bool stops = true) =>
        new(rule, $"{mutation}", Scenario.Of($"{mutation}", new BuildModel(faults, finds, stops, mutation)));

    private static Mutant Of(string rule, Repair repair) => new(rule, $"{repair}", Scenario.Of($"{repair}", new VerdictModel(repair)));
}
