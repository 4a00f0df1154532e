using System.Globalization;

namespace BuildRunner.Buildbot.Tests.Chaos;

/// <summary>The length of the chaos, from the environment.</summary>
internal sealed record ChaosOptions(int Seconds, int Builds, int Seed)
{
    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);

    public static ChaosOptions Read() =>
        new(Number("BUILDBOT_SECONDS") ?? 30, Number("BUILDBOT_BUILDS") ?? 200, Number("BUILDBOT_SEED") ?? System.Random.Shared.Next());

    /// <summary>Makes the numbers of one purpose.</summary>
    public Random Random(int purpose) => new(unchecked((Seed * 31) + purpose));

    private static int? Number(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
