namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>
/// A part of the crash matrix on data in a database: a moment of each kind, which is a call in a step, is hit in each way. Which calls there are does not depend on where the data is, so they are looked for in memory.
/// </summary>
public abstract class SqlCrashSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly bool[] Kinds = [true, false];

    private readonly CrashMatrix _matrix = new(static () => new TBackend());

    /// <summary>Gets in how many ways a moment is passed over for each one in which it is hit. All moments and all ways have their turns.</summary>
    protected abstract int Stride { get; }

    [Theory]
    [MemberData(nameof(SqlHits.All), MemberType = typeof(SqlHits))]
    public async Task A_build_that_is_hit_at_a_moment_of_each_kind_comes_to_its_end(CrashHit hit)
    {
        var moments = (await SampleAsync()).Where(moment => moment.CanBe(hit)).Where((_, index) => hit == CrashHit.CutOff || (index + (int)hit) % Stride == 0).ToList();
        List<string> problems = [];
        var runs = 0;
        foreach (var moment in moments)
        {
            var (found, count) = await _matrix.HitAsync(hit, moment, isHitAgain: hit == CrashHit.CutOff);
            runs += count;
            problems.AddRange(found);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{moments.Count} moments, {runs} runs");
        moments.Should().NotBeEmpty();
        problems.Should().BeEmpty();

        // Each of them saves something, and publishes or not.
        runs.Should().BeGreaterThanOrEqualTo(hit == CrashHit.CutOff ? 2 * moments.Count : moments.Count);
    }

    private static async Task<IReadOnlyList<CrashMoment>> SampleAsync()
    {
        CrashMatrix matrix = new(static () => new InMemoryBackend());
        List<CrashMoment> moments = [];
        foreach (var scenario in CrashScenarios.All)
        {
            foreach (var finds in Kinds)
            {
                moments.AddRange(await matrix.MeasureAsync(scenario.Name, finds));
            }
        }

        return [.. moments.DistinctBy(static moment => (moment.Call.Topic, moment.Call.Member, moment.Call.IsDone))];
    }
}
