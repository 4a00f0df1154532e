using System.Globalization;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>The length of the soak, from the environment.</summary>
internal sealed record SoakOptions(int Seconds, int Builds, int Seed)
{
    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);

    /// <summary>Gets how long the CI is away: 20 seconds of two minutes.</summary>
    public TimeSpan Outage => Duration / 6;

    /// <summary>Gets how long a process lives at most before it is killed.</summary>
    public TimeSpan LongestLife => TimeSpan.FromSeconds(Math.Max(4, Seconds / 12.0));

    public static SoakOptions Read()
    {
        var seconds = Number("SOAK_SECONDS") ?? 10;
        return new SoakOptions(seconds, Number("SOAK_BUILDS") ?? seconds * 30, Number("SOAK_SEED") ?? System.Random.Shared.Next());
    }

    /// <summary>Makes the numbers of one purpose.</summary>
    public Random Random(int purpose) => new(unchecked((Seed * 31) + purpose));

    private static int? Number(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
