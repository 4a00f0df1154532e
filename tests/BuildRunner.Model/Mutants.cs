using BuildRunner.Model.Attempts;
using BuildRunner.Model.Builds;
using BuildRunner.Model.Groups;
using BuildRunner.Model.Limits;
using BuildRunner.Model.Queues;
using BuildRunner.Model.Slots;
using BuildRunner.Model.Supersede;
using BuildRunner.Model.Verdicts;

namespace BuildRunner.Model;

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
        Of("O7", Mutation.LettersAskNothing, new() { Letters = 1 }),
        Of("O8", Mutation.CancelsOnce, new() { Cancels = 1 }),
        Of("O9", Mutation.DeadlineOnlyCancels, new() { IsLate = true }, stops: false),
        Of("O10", Mutation.BelievesSignals, new() { Signals = 1 }),
        Of("V1", Repair.Fails),
        Of("V2", Repair.Waits),
        Of("V2", Repair.AsksAgain),
        Of("O14", AttemptMutation.SavesEndFirst, new() { Infra = 1 }),
        Of("O14", AttemptMutation.BudgetApart, new() { Infra = 2, Others = 2 }),
        Of("O14", AttemptMutation.AdoptsOldAttempts, new() { Hangs = 1 }, finds: false),
        Of("O14", AttemptMutation.AdoptsByMark, new() { Hangs = 1, Lapses = 1 }),
        Of("O14", AttemptMutation.PollsOldAttempts, new() { Infra = 1, Signals = 1 }),
        Of("O14", AttemptMutation.LettersNameNoAttempt, new() { Infra = 1, Letters = 1, Crashes = 1 }),
        Of("O14", AttemptMutation.RetriesCancels, new() { Cancels = 1 }),
        Of("O14", AttemptMutation.SharesKey, new() { Infra = 1 }),
        Of("O15", AttemptMutation.SettlesNothing, new() { Stops = 1 }),
        Of("O13", LimitMutation.IdPublishesNothing),
        Of("O13", LimitMutation.RunPublishesNothing),
        Of("O13", LimitMutation.TrustsMessage),
        Of("O13", LimitMutation.CountsOwnWaiting),
        Of("O13", LimitMutation.CountsHolds),
        Of("O13", LimitMutation.ForgetsLimit),
        Of("O16", SlotMutation.CountsFirst, new() { Lapses = 1 }),
        Of("O16", SlotMutation.ComparesNothing, new() { Lapses = 1 }),
        Of("O16", SlotMutation.UnknownFreesSlot, new() { Crashes = 1 }),
        Of("O9", SlotMutation.FreesLater, new() { Crashes = 1 }),
        Of("O9", SlotMutation.JoinsSilently, new()),
        Of("O17", SlotMutation.MarksUnseen, new() { Holds = 1 }),
        Of("O17", SlotMutation.RefusesNothing, new() { Holds = 1, Callers = 1 }),
        Of("O18", GroupMutation.ComparesNothing),
        Of("O18", GroupMutation.EndsSilently),
        Of("O18", GroupMutation.CancelsAfterVerdict),
        Of("O18", GroupMutation.CountsOptional),
        Of("O18", GroupMutation.DecidesEarly),
        Of("O19", SupersedeMutation.CancelsAfterwards),
        Of("O19", SupersedeMutation.ComparesBuildsOnly),
    ];

    private static Mutant Of(string rule, QueueMutation mutation) =>
        new(
            rule,
            $"{mutation}",
            Scenario.Of($"{mutation}", 0, Scenarios.Queue("A1 A1 A1 A2", ticks: 3, crashes: 1, redrives: 0, mutation)));

    private static Mutant Of(string rule, Mutation mutation, Faults faults, bool finds = true, bool stops = true) =>
        new(rule, $"{mutation}", Scenario.Of($"{mutation}", 0, new BuildModel(faults, finds, stops, mutation)));

    private static Mutant Of(string rule, AttemptMutation mutation, AttemptFaults faults, bool finds = true) =>
        new(rule, $"{mutation}", Scenario.Of($"{mutation}", 0, new AttemptModel(faults, finds, mutation: mutation)));

    private static Mutant Of(string rule, LimitMutation mutation) => new(rule, $"{mutation}", Scenario.Of($"{mutation}", 0, new LimitModel(hasPending: mutation != LimitMutation.RunPublishesNothing, mutation)));

    private static Mutant Of(string rule, SlotMutation mutation, SlotState faults)
    {
        var start = SlotModel.With(builds: 2) with
        {
            Crashes = faults.Crashes,
            Lapses = faults.Lapses,
            Holds = faults.Holds,
            Callers = faults.Callers,
        };
        return new(rule, $"{mutation}", Scenario.Of($"{mutation}", 0, new SlotModel(start, mutation: mutation)));
    }

    private static Mutant Of(string rule, GroupMutation mutation) =>
        new(
            rule,
            $"{mutation}",
            Scenario.Of($"{mutation}", 0, new GroupModel(GroupModel.With(required: 1, optional: 1) with { Lapses = 1 }, failsFast: mutation == GroupMutation.CancelsAfterVerdict, mutation)));

    private static Mutant Of(string rule, SupersedeMutation mutation) =>
        new(
            rule,
            $"{mutation}",
            Scenario.Of($"{mutation}", 0, new SupersedeModel(mutation == SupersedeMutation.CancelsAfterwards ? TaggedBuild.Open : TaggedBuild.Absent, mutation)));

    private static Mutant Of(string rule, Repair repair) => new(rule, $"{repair}", Scenario.Of($"{repair}", 0, new VerdictModel(repair)));
}
