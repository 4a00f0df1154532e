using BuildRunner.Model.Attempts;
using BuildRunner.Model.Builds;
using BuildRunner.Model.Groups;
using BuildRunner.Model.Limits;
using BuildRunner.Model.Queues;
using BuildRunner.Model.Slots;
using BuildRunner.Model.Supersede;
using BuildRunner.Model.Verdicts;

namespace BuildRunner.Model;

/// <summary>All that is explored.</summary>
internal static class Scenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Scenario.Of("the queue, one partition", Queue("A1 A1 A2", ticks: 3, crashes: 1, redrives: 0)),
        Scenario.Of("the queue, one partition, dead letters", Queue("A1 A1 A1", ticks: 2, crashes: 1, redrives: 1)),
        Scenario.Of("the queue, two partitions", Queue("A1 A2 B1", ticks: 2, crashes: 1, redrives: 0)),
        Scenario.Of("a dead letter about a build that had ended", new VerdictModel(Repair.AsksAgainByOccasion)),
        Of("a build, nothing goes wrong", new Faults()),
        Of("a build, one crash", new Faults { Crashes = 1 }),
        Of("a build, two crashes", new Faults { Crashes = 2 }),
        Of("a build, a crash and a lapse", new Faults { Crashes = 1, Lapses = 1 }),
        Of("a build, two lapses", new Faults { Lapses = 2 }),
        Of("a build, a crash and a cancel", new Faults { Crashes = 1, Cancels = 1 }),
        Of("a build, a lapse and a cancel", new Faults { Lapses = 1, Cancels = 1 }),
        Of("a build, a crash and a dead letter", new Faults { Letters = 1, Crashes = 1 }),
        Of("a build, a lapse and a dead letter", new Faults { Letters = 1, Lapses = 1 }),
        Of("a build, a cancel and two dead letters", new Faults { Letters = 2, Cancels = 1 }),
        Of("a build, late", new Faults { IsLate = true }),
        Of("a build, late, a crash", new Faults { IsLate = true, Crashes = 1 }),
        Of("a build, late, a cancel", new Faults { IsLate = true, Cancels = 1 }),
        Of("a build, late, a dead letter", new Faults { IsLate = true, Letters = 1 }),
        Of("a build, late, a hang", new Faults { IsLate = true, Hangs = 1 }),
        Of("a build, late, the CI stops nothing", new Faults { IsLate = true }, stops: false),
        Of("a build, lost answer", new Faults { Lost = 1, Crashes = 1 }),
        Of("a build, hang", new Faults { Hangs = 1, Lapses = 1 }),
        Of("a build, errors", new Faults { Errors = 2, Crashes = 1 }),
        Of("a build, errors, cancel", new Faults { Errors = 2, Cancels = 1 }),
        Of("a build, signals", new Faults { Signals = 2, Crashes = 1 }),
        Of("a build, signals, errors", new Faults { Signals = 1, Errors = 1, Cancels = 1 }),
        Of("no finder, two crashes", new Faults { Crashes = 2 }, finds: false),
        Of("no finder, crash, lapse", new Faults { Crashes = 1, Lapses = 1 }, finds: false),
        Of("no finder, crash, cancel", new Faults { Crashes = 1, Cancels = 1 }, finds: false),
        Of("no finder, lapse, cancel", new Faults { Lapses = 1, Cancels = 1 }, finds: false),
        Of("no finder, lost", new Faults { Lost = 1, Crashes = 1 }, finds: false),
        Of("no finder, hang", new Faults { Hangs = 1, Lapses = 1 }, finds: false),
        Of("no finder, letter", new Faults { Letters = 1, Crashes = 1 }, finds: false),
        Of("attempts, two failures and a crash", new AttemptFaults { Infra = 2, Crashes = 1, Others = 1 }),
        Of("attempts, a failure, a signal and a lapse", new AttemptFaults { Infra = 1, Signals = 1, Lapses = 1 }),
        Of("attempts, a stop, a signal and a cancel", new AttemptFaults { Stops = 1, Signals = 1, Cancels = 1 }),
        Of("attempts, a hang, a lapse and a cancel", new AttemptFaults { Infra = 1, Hangs = 1, Lapses = 1, Cancels = 1 }),
        Of("attempts, no look-up, a hang and two crashes", new AttemptFaults { Hangs = 1, Crashes = 2, Infra = 1 }, finds: false),
        Scenario.Of("limits", new LimitModel()),
        Scenario.Of("slots, three builds, a crash", new SlotModel(SlotModel.With(builds: 3) with { Crashes = 1 })),
        Scenario.Of("slots, two builds, a crash, a lapse and a cancel", new SlotModel(SlotModel.With(builds: 2) with { Crashes = 1, Lapses = 1, Cancels = 1 })),
        Scenario.Of("slots, no look-up, two crashes", new SlotModel(SlotModel.With(builds: 2) with { Crashes = 2 }, finds: false)),
        Scenario.Of("slots, a hold and a lapse", new SlotModel(SlotModel.With(builds: 2) with { Holds = 1, Lapses = 1 })),
        Scenario.Of("a group, a crash, a lapse and a cancel", new GroupModel(GroupModel.With(required: 2, optional: 1) with { Crashes = 1, Lapses = 1, Cancels = 1 }, failsFast: false)),
        Scenario.Of("a group that fails fast, a crash, a lapse and a cancel", new GroupModel(GroupModel.With(required: 2, optional: 1) with { Crashes = 1, Lapses = 1, Cancels = 1 }, failsFast: true)),
        Scenario.Of("two that supersede an open build", new SupersedeModel(TaggedBuild.Open)),
        Scenario.Of("two that supersede each other", new SupersedeModel(TaggedBuild.Absent)),
    ];

    /// <summary>Creates a model of a queue in which each of the identities is published as often as it is named.</summary>
    public static QueueModel Queue(string publishes, byte ticks, byte crashes, byte redrives, QueueMutation mutation = QueueMutation.None)
    {
        var identities = publishes.Split(' ').GroupBy(static name => name).ToList();
        QueueState start = new() { Publishes = [.. identities.Select(static identity => (byte)identity.Count())], Ticks = ticks, Crashes = crashes, Redrives = redrives };
        return new(start, [.. identities.Select(static identity => (identity.Key[0], identity.Key[1]))], [0, 1], mutation);
    }

    private static Scenario Of(string name, AttemptFaults faults, bool finds = true) => Scenario.Of(name, new AttemptModel(faults, finds));

    private static Scenario Of(string name, Faults faults, bool finds = true, bool stops = true) => Scenario.Of(name, new BuildModel(faults, finds, stops));
}
