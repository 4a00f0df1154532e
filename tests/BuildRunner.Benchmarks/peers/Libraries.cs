namespace BuildRunner.Peers;

/// <summary>What is compared: two packages of ours, and libraries of others.</summary>
internal static class Libraries
{
    /// <summary>What all others are compared with.</summary>
    public const string Queue = "BuildRunner.Queue";

    private const string Builds = "BuildRunner.Orchestration";

    /// <summary>Gets the names of all.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [Queue, Builds, "pg-boss", "graphile-worker", "Wolverine", "Rebus", "Quartz.NET", "Hangfire"];

    public static bool IsNode(string name) => name is "pg-boss" or "graphile-worker";

    /// <summary>Gets what can be measured of a library. A build is polled by the orchestration's own schedule, not at a set time.</summary>
    public static bool Has(string name, string thing) => (name, thing) is not (Builds, "late");

    /// <summary>Gets how many jobs run again each second: more than the library can run, but not many times as many.</summary>
    public static int JobsOf(string name) => name switch
    {
        Queue => 20_000,
        Builds or "pg-boss" or "graphile-worker" or "Wolverine" => 10_000,
        "Rebus" or "Quartz.NET" => 4_000,
        _ => 2_000,
    };

    /// <summary>Creates a library of .NET, or <see langword="null"/> if the name is unknown.</summary>
    public static IPeer? Create(string name, Load load) => name switch
    {
        Queue => new QueuePeer(load),
        Builds => new BuildsPeer(load),
        "Hangfire" => new HangfirePeer(load),
        "Quartz.NET" => new QuartzPeer(load),
        "Rebus" => new RebusPeer(load),
        "Wolverine" => new WolverinePeer(load),
        _ => null,
    };
}
