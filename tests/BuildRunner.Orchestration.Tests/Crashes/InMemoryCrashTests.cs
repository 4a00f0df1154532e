namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>
/// The crash matrix: each scenario is hit at each of its moments, in each way, with a runner that finds builds by key and with one that does not.
/// </summary>
public sealed class InMemoryCrashTests
{
    private static readonly bool[] Kinds = [true, false];

    private readonly CrashMatrix _matrix = new(static () => new InMemoryBackend());

    public static TheoryData<string, bool> Lives() => [.. from scenario in CrashScenarios.All from finds in Kinds select (scenario.Name, finds)];

    // There are no transactions to be cut off in memory.
    public static TheoryData<string, bool, CrashHit> Hits() =>
        [.. from scenario in CrashScenarios.All from finds in Kinds from hit in Enum.GetValues<CrashHit>() where hit != CrashHit.CutOff && (hit != CrashHit.CrashTwice || scenario.IsHitTwice) select (scenario.Name, finds, hit)];

    [Theory]
    [MemberData(nameof(Lives))]
    public async Task A_build_without_a_hit_comes_to_its_end_in_the_same_way_each_time(string scenario, bool finds)
    {
        await using var world = _matrix.WorldOf(scenario, finds);
        await using var again = _matrix.WorldOf(scenario, finds);

        var calls = await CrashRun.BaselineAsync(world);

        (await MatrixAssertions.CheckAsync(world, isCancelled: false, mayBeUnknown: false, mayCreateAgain: false)).Should().BeEmpty();
        (await CrashRun.BaselineAsync(again)).Should().Equal(calls);
    }

    [Slow]
    [Theory]
    [MemberData(nameof(Hits))]
    public async Task A_build_that_is_hit_at_any_moment_comes_to_its_end(string scenario, bool finds, CrashHit hit)
    {
        var moments = await _matrix.MeasureAsync(scenario, finds);
        List<string> problems = [];
        var runs = 0;
        foreach (var moment in moments.Where(moment => moment.CanBe(hit)))
        {
            var (found, count) = await _matrix.HitAsync(hit, moment);
            runs += count;
            problems.AddRange(found);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{moments.Count} moments, {runs} runs");
        problems.Should().BeEmpty();
    }

    [Fact]
    public async Task Every_step_and_every_call_of_one_is_hit()
    {
        List<StageCall> calls = [];
        foreach (var scenario in CrashScenarios.All)
        {
            calls.AddRange((await _matrix.MeasureAsync(scenario.Name, finds: true)).Select(static moment => moment.Call));
        }

        await using var world = _matrix.WorldOf(CrashScenarios.All[0].Name, finds: true);
        var process = await world.StartAsync();
        calls.Select(static call => call.Topic).Where(static topic => topic?.EndsWith($".{GroupScenarios.Other}", StringComparison.Ordinal) != true).Distinct().Should().BeEquivalentTo([.. process.Topics, null]);
        calls.Select(static call => call.Member).Should().Contain(await CrashMembers.GetAsync());
    }
}
