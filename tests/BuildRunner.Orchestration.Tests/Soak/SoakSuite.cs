using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Every build ends once and in time, and its owner is told, whatever is killed, lost or unavailable. A runner that hangs does not slow down another one.</summary>
[Collection("Soak")]
public abstract class SoakSuite<TDatabase>
    where TDatabase : SoakDatabase, new()
{
    // How much slower polls may be beside a runner that hangs. On a busy machine they vary; behind one that hangs they wait for time-outs.
    private const double MaxSlowing = 3;
    private const int MaxStarts = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    // How late the queue may be: each of the three looks at a deadline may lose two processes in a row, whose leases lapse in 2 seconds and are
    // seen in half a second more, and the last call waits for a pause of up to 2 seconds after an error: 17 seconds. The rest is for a machine
    // that does other things; a deadline that is a minute late is still found. Starts of processes and delays of the machine come on top.
    private static readonly TimeSpan MaxLateness = TimeSpan.FromSeconds(25);

    // How late a process may be with giving up a call when its lease ends, and this one with noticing it. A delay of the machine comes on top.
    private static readonly TimeSpan MaxOverlap = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Every_build_ends_once_and_in_time_whatever_happens()
    {
        var options = SoakOptions.Read();
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"SOAK_SEED={options.Seed}");
        await using TDatabase database = new();
        await database.InitializeAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience + (2 * options.Duration));
        SoakPlan plan = new(options);
        FaultyCi ci = new(options, plan);
        SoakRun run = new(database, options, plan, ci, patience.Token);

        await using MachineDelay delay = new();
        var builds = await run.RunAsync();

        // A far process allows its own call time-out for the last cancel and again for the last poll.
        var far = database.Hosts is null ? TimeSpan.Zero : 2 * SoakStage.FarCallTimeout;
        SoakJudgement judgement = new(builds, ci, MaxLateness + (MaxStarts * (run.SlowestStart + delay.Longest)) + far);
        PollGaps gaps = new(builds, plan, ci);
        var (alone, beside) = (PollGaps.MedianOf(gaps.Alone), PollGaps.MedianOf(gaps.Beside));
        var ends = builds.CountBy(static item => (item.Build.Status, Kind: item.Build.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind, "-"))).OrderBy(static end => end.Key);
        output.WriteLine($"{run.Elapsed.TotalSeconds:F0} s, {run.Kills} kills, {run.Cuts} cuts ({run.TakenOver} in calls that others took over), {builds.Count} builds: {string.Join(", ", ends.Select(static end => $"{end.Value} {end.Key.Status} {end.Key.Kind}"))}.");
        output.WriteLine($"{ci.Builds.Count} created, {ci.Builds.Sum(static build => build.Polls.Count)} polls, {ci.Transients} transient errors, {ci.Lost} lost answers, {ci.Late} late triggers, {run.Signals} signals, {ci.Wakes.Count} wakes.");
        output.WriteLine($"Latest end {judgement.MaxLateness.TotalSeconds:F1} s after deadline, grace and last call, slowest start {run.SlowestStart.TotalSeconds:F1} s, longest delay of this process {delay.Longest.TotalMilliseconds:F0} ms. Median of the longest pause between polls of {gaps.Alone.Count} builds alone {alone.TotalMilliseconds:F0} ms, of {gaps.Beside.Count} beside hanging builds {beside.TotalMilliseconds:F0} ms.");
        var overlaps = run.Calls.Overlaps;
        output.WriteLine($"{overlaps.Count} of {run.Calls.Count} calls at the same time as another one of the same message, for {(overlaps.Count == 0 ? 0 : overlaps[0].Time.TotalMilliseconds):F0} ms at most.");
        overlaps.Where(overlap => overlap.Time > MaxOverlap + delay.Longest).Should().BeEmpty("a message is handled by one at a time, SOAK_SEED={0}", options.Seed);
        judgement.FaultsOfGroups(run.Groups).Should().BeEmpty("SOAK_SEED={0}", options.Seed);
        run.Groups.Should().NotBeEmpty();
        judgement.Faults.Should().BeEmpty("SOAK_SEED={0}", options.Seed);
        (database.Hosts is null || run.TakenOver > 0).Should().BeTrue("others were to take over calls of the host that is cut off, SOAK_SEED={0}", options.Seed);
        builds.Count(static item => item.Build.Status == BuildStatus.Succeeded).Should().BeGreaterThan(builds.Count / 2, "most builds are healthy");
        ci.Lost.Should().BePositive("something was to be lost");
        gaps.Alone.Should().NotBeEmpty("these polls are what the others are compared with");
        beside.Should().BeLessThan((alone > SoakStage.PollDelay ? alone : SoakStage.PollDelay) * MaxSlowing, "one runner does not slow another, SOAK_SEED={0}", options.Seed);
    }
}
