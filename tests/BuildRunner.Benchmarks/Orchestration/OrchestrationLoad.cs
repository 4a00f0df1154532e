namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>The load to measure.</summary>
/// <param name="InFlight">How many builds are under way at a time.</param>
/// <param name="Cadence">The milliseconds between two polls of a build.</param>
/// <param name="Seconds">For how long the polls are counted.</param>
/// <param name="Submissions">How many builds are submitted where that is what is measured, and 0 where it is the polls.</param>
/// <param name="Bulk">How many builds are submitted at once where that is what is measured, and 0 where it is not.</param>
/// <param name="Indexes">How many builds are submitted with and without the indexes of tags and lines where that is what is measured, and 0 where it is not.</param>
/// <param name="Disk">How many builds are ended, twice, where the disk that they take is what is measured, and 0 where it is not.</param>
internal sealed record OrchestrationLoad(int InFlight = 10_000, int Cadence = 200, int Seconds = 10, int Submissions = 0, int Bulk = 0, int Indexes = 0, int Disk = 0)
{
    public OrchestrationLoad? With(string name, int value) => name switch
    {
        "--in-flight" => this with { InFlight = value },
        "--cadence" => this with { Cadence = value },
        "--seconds" => this with { Seconds = value },
        "--submissions" => this with { Submissions = value, Cadence = 600_000 },
        "--indexes" => this with { Indexes = value, Submissions = value, Cadence = 600_000 },
        "--disk" => this with { Disk = value },
        "--bulk" => this with { Bulk = value },
        _ => null,
    };
}
