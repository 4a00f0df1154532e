using System.Globalization;

namespace BuildRunner.Orchestration.Tests.Outages;

/// <summary>The length of the outages, from the environment.</summary>
/// <param name="Seconds">How long messages and builds are sent.</param>
/// <param name="Messages">How many messages.</param>
/// <param name="Builds">How many builds.</param>
/// <param name="CutSeconds">How long the network is cut at a time.</param>
/// <param name="Seed">What makes the choices.</param>
internal sealed record OutageOptions(int Seconds, int Messages, int Builds, int CutSeconds, int Seed)
{
    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);

    public TimeSpan Cut => TimeSpan.FromSeconds(CutSeconds);

    public static OutageOptions Read()
    {
        var seconds = Number("OUTAGE_SECONDS") ?? 15;
        return new(seconds, Number("OUTAGE_MESSAGES") ?? seconds * 60, Number("OUTAGE_BUILDS") ?? seconds * 4, Number("OUTAGE_CUT_SECONDS") ?? 3, Number("OUTAGE_SEED") ?? System.Random.Shared.Next());
    }

    /// <summary>Makes the numbers of one purpose.</summary>
    public Random Random(int purpose) => new(unchecked((Seed * 31) + purpose));

    private static int? Number(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
