using System.Globalization;
using BuildRunner.Queue.Host;

namespace BuildRunner.Queue.Tests.Chaos;

/// <summary>The length of the chaos, from the environment.</summary>
internal sealed record ChaosOptions(int Seconds, int Messages, Seed Seed)
{
    public static ChaosOptions Read()
    {
        var seconds = Number("CHAOS_SECONDS") ?? 10;
        return new ChaosOptions(seconds, Number("CHAOS_MESSAGES") ?? seconds * 60, new Seed(Number("CHAOS_SEED") ?? Random.Shared.Next()));
    }

    private static int? Number(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
