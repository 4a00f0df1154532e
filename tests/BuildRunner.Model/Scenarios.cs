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
        Of("a build, a cancel", new Faults { Cancels = 1 }),
        Of("a build, a dead letter", new Faults { Letters = 1 }),
        Of("a build, late", new Faults { IsLate = true }),
    ];

    private static Scenario Of(string name, Faults faults, bool finds = true, bool stops = true) => Scenario.Of(name, new BuildModel(faults, finds, stops));
}
