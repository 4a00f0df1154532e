using BuildRunner.Model.Attempts;
using BuildRunner.Model.Builds;
using BuildRunner.Model.Groups;
using BuildRunner.Model.Limits;
using BuildRunner.Model.Queues;
using BuildRunner.Model.Slots;
using BuildRunner.Model.Supersede;
using BuildRunner.Model.Verdicts;

namespace BuildRunner.Model;

/// <summary>All that is explored, with the number of its states.</summary>
internal static class Scenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Scenario.Of("Q1-Q9: one partition, a crash", 17_403, Queue("A1 A1 A2", ticks: 3, crashes: 1, redrives: 0)),
        Scenario.Of("Q1-Q9: one message thrice, a crash, a redrive", 1_258, Queue("A1 A1 A1", ticks: 2, crashes: 1, redrives: 1)),
        Scenario.Of("Q1-Q9: two partitions, a crash", 71_009, Queue("A1 A2 B1", ticks: 2, crashes: 1, redrives: 0)),
        Of("O1-O10: nothing goes wrong", 203, new Faults()),
        Of("O1-O10: a crash", 1_782, new Faults { Crashes = 1 }),
        Of("O1-O10: a lapse", 4_149, new Faults { Lapses = 1 }),
        Of("O1-O10: a cancel, a dead letter", 7_640, new Faults { Cancels = 1, Letters = 1 }),
        Of("O1-O10: a lost answer, a cancel", 3_126, new Faults { Lost = 1, Cancels = 1 }),
        Of("O1-O10: a signal, a crash", 17_035, new Faults { Signals = 1, Crashes = 1 }),
        Of("O1-O10: late", 21_814, new Faults { IsLate = true }),
        Of("O1-O10: two crashes", 6_489, new Faults { Crashes = 2 }),
        Of("O1-O10: a crash, a lapse", 23_864, new Faults { Crashes = 1, Lapses = 1 }),
        Of("O1-O10: two lapses", 22_941, new Faults { Lapses = 2 }),
        Of("O1-O10: a crash, a cancel", 10_131, new Faults { Crashes = 1, Cancels = 1 }),
        Of("O1-O10: a lapse, a cancel", 25_122, new Faults { Lapses = 1, Cancels = 1 }),
        Of("O1-O10: a crash, a dead letter", 9_867, new Faults { Crashes = 1, Letters = 1 }),
        Of("O1-O10: a lapse, a dead letter", 25_117, new Faults { Lapses = 1, Letters = 1 }),
        Of("O1-O10: a cancel, two dead letters", 12_201, new Faults { Cancels = 1, Letters = 2 }),
        Of("O1-O10: a lost answer, a crash", 3_378, new Faults { Lost = 1, Crashes = 1 }),
        Of("O1-O10: a trigger hangs, a lapse", 30_746, new Faults { Hangs = 1, Lapses = 1 }),
        Of("O1-O10: two errors, a crash", 15_082, new Faults { Errors = 2, Crashes = 1 }),
        Of("O1-O10: two errors, a cancel", 11_419, new Faults { Errors = 2, Cancels = 1 }),
        Of("O1-O10: two signals, a crash", 33_576, new Faults { Signals = 2, Crashes = 1 }),
        Of("O1-O10: a signal, an error, a cancel", 99_326, new Faults { Signals = 1, Errors = 1, Cancels = 1 }),
        Of("O1-O10: late, a crash", 128_009, new Faults { IsLate = true, Crashes = 1 }),
        Of("O1-O10: late, a cancel", 74_663, new Faults { IsLate = true, Cancels = 1 }),
        Of("O1-O10: late, a dead letter", 167_296, new Faults { IsLate = true, Letters = 1 }),
        Of("O1-O10: late, a trigger hangs", 344_439, new Faults { IsLate = true, Hangs = 1 }),
        Of("O1-O10: late, the CI stops nothing, a crash", 47_549, new Faults { IsLate = true, Crashes = 1 }, stops: false),
        Of("O1-O10: no look-up, two crashes", 3_633, new Faults { Crashes = 2 }, finds: false),
        Of("O1-O10: no look-up, a crash, a lapse", 16_636, new Faults { Crashes = 1, Lapses = 1 }, finds: false),
        Of("O1-O10: no look-up, a crash, a cancel", 7_336, new Faults { Crashes = 1, Cancels = 1 }, finds: false),
        Of("O1-O10: no look-up, a lapse, a cancel", 24_755, new Faults { Lapses = 1, Cancels = 1 }, finds: false),
        Of("O1-O10: no look-up, a lost answer, a crash", 1_665, new Faults { Lost = 1, Crashes = 1 }, finds: false),
        Of("O1-O10: no look-up, a trigger hangs, a lapse", 18_604, new Faults { Hangs = 1, Lapses = 1 }, finds: false),
        Of("O1-O10: no look-up, a crash, a dead letter", 8_786, new Faults { Crashes = 1, Letters = 1 }, finds: false),
        Scenario.Of("O7: a dead letter about a build that had ended", 56, new VerdictModel(Repair.AsksAgainByOccasion)),
        Scenario.Of("O13: three limits", 555, new LimitModel()),
        Scenario.Of("O13: two limits", 250, new LimitModel(hasPending: false)),
        Of("O14, O15: nothing", 179, new AttemptFaults()),
        Of("O14, O15: two failures, another build", 9_417, new AttemptFaults { Infra = 2, Others = 1 }),
        Of("O14, O15: two failures, another build, a crash", 49_174, new AttemptFaults { Infra = 2, Others = 1, Crashes = 1 }),
        Of("O14, O15: a failure, a signal, a lapse", 197_192, new AttemptFaults { Infra = 1, Signals = 1, Lapses = 1 }),
        Of("O14, O15: the CI stops it, a signal, a cancel", 114_692, new AttemptFaults { Stops = 1, Signals = 1, Cancels = 1 }),
        Of("O14, O15: a failure, a dead letter, a crash", 56_409, new AttemptFaults { Infra = 1, Letters = 1, Crashes = 1 }),
        Of("O14, O15: a failure, a dead letter, a signal", 63_315, new AttemptFaults { Infra = 1, Letters = 1, Signals = 1 }),
        Of("O14, O15: the CI stops it, a dead letter, a cancel", 71_087, new AttemptFaults { Stops = 1, Letters = 1, Cancels = 1 }),
        Of("O14, O15: no look-up, a dead letter, a crash", 8_260, new AttemptFaults { Letters = 1, Crashes = 1 }, finds: false),
        Of("O14, O15: a trigger hangs, a lapse", 11_015, new AttemptFaults { Hangs = 1, Lapses = 1 }),
        Of("O14, O15: no look-up, a trigger hangs, a cancel", 9_230, new AttemptFaults { Hangs = 1, Cancels = 1 }, finds: false),
        Of("O14, O15: no look-up, two crashes", 13_628, new AttemptFaults { Crashes = 2 }, finds: false),
        Of("O16, O17: one build", 85, SlotModel.With(builds: 1)),
        Of("O16, O17: a lapse", 13_104, SlotModel.With(builds: 2) with { Lapses = 1 }),
        Of("O16, O17: a runner that refuses, another caller", 868, SlotModel.With(builds: 0) with { Holds = 1, Callers = 1 }),
        Of("O16, O17: three builds, a crash", 46_994, SlotModel.With(builds: 3) with { Crashes = 1 }),
        Of("O16, O17: a crash, a lapse", 76_480, SlotModel.With(builds: 2) with { Crashes = 1, Lapses = 1 }),
        Of("O16, O17: a lapse, a cancel", 68_033, SlotModel.With(builds: 2) with { Lapses = 1, Cancels = 1 }),
        Of("O16, O17: a hold, a lapse", 103_333, SlotModel.With(builds: 2) with { Holds = 1, Lapses = 1 }),
        Of("O16, O17: a runner that refuses or is held, another caller", 33_996, SlotModel.With(builds: 1) with { Holds = 2, Callers = 1 }),
        Of("O16, O17: no look-up, two crashes", 15_496, SlotModel.With(builds: 2) with { Crashes = 2 }, finds: false),
        Of("O18: a lapse", 957, GroupModel.With(required: 1, optional: 1) with { Lapses = 1 }),
        Of("O18: fails fast, a lapse", 1_119, GroupModel.With(required: 1, optional: 1) with { Lapses = 1 }, failsFast: true),
        Of("O18: a crash, a lapse, a cancel", 169_347, GroupModel.With(required: 2, optional: 1) with
        {
            Crashes = 1,
            Lapses = 1,
            Cancels = 1,
        }),
        Of("O18: fails fast, a crash, a lapse, a cancel", 174_681, GroupModel.With(required: 2, optional: 1) with { Crashes = 1, Lapses = 1, Cancels = 1 }, failsFast: true),
        Scenario.Of("O19: two replace an open build", 31, new SupersedeModel(TaggedBuild.Open)),
        Scenario.Of("O19: two replace each other", 12, new SupersedeModel(TaggedBuild.Absent)),
    ];

    /// <summary>Creates a model of a queue in which each of the identities is published as often as it is named.</summary>
    public static QueueModel Queue(string publishes, byte ticks, byte crashes, byte redrives, QueueMutation mutation = QueueMutation.None)
    {
        var identities = publishes.Split(' ').GroupBy(static name => name).ToList();
        QueueState start = new()
        {
            Publishes = [.. identities.Select(static identity => (byte)identity.Count())],
            Ticks = ticks,
            Crashes = crashes,
            Redrives = redrives,
        };
        return new(start, [.. identities.Select(static identity => (identity.Key[0], identity.Key[1]))], [0, 1], mutation);
    }

    private static Scenario Of(string name, int states, Faults faults, bool finds = true, bool stops = true) => Scenario.Of(name, states, new BuildModel(faults, finds, stops));

    private static Scenario Of(string name, int states, AttemptFaults faults, bool finds = true) => Scenario.Of(name, states, new AttemptModel(faults, finds));

    private static Scenario Of(string name, int states, SlotState start, bool finds = true) => Scenario.Of(name, states, new SlotModel(start, finds));

    private static Scenario Of(string name, int states, GroupState start, bool failsFast = false) => Scenario.Of(name, states, new GroupModel(start, failsFast));
}
