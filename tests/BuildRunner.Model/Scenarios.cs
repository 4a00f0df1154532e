using BuildRunner.Model.Builds;

namespace BuildRunner.Model;

/// <summary>All that is explored.</summary>
internal static class Scenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
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
    ];

    private static Scenario Of(string name, Faults faults, bool finds = true, bool stops = true) => Scenario.Of(name, new BuildModel(faults, finds, stops));
}
