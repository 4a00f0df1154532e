namespace BuildRunner.Benchmarks;

internal static class WireTexts
{
    /// <summary>As long as the ids of the backends: 36 characters that JSON does not escape.</summary>
    public const string Id = "8f14e45f-ceea-467f-a8f2-1d3b0e7d9c55";
}
