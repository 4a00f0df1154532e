namespace BuildRunner.Samples.Tests;

[Slow]
public sealed class MergeQueuePauseTests : MergeQueueFixture
{
    [TimedFact]
    public async Task While_it_is_paused_what_is_built_lands_and_nothing_else_is_built_until_it_is_started_without_the_pause()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);
        var runs = Repository["runs"];
        var script = $"if test -e two.txt; then echo two >> {runs}; else echo $$ > {started.Path}; read x < {gate.Path}; fi";

        var before = await StartAsync(["one"], script);
        await started.ReadLineAsync();
        (await before.SaysAsync(static line => line.StartsWith("one", StringComparison.Ordinal) && line.Contains("building", StringComparison.Ordinal))).Should().BeTrue();
        await before.SignalAsync("KILL");
        await before.Ended;

        // Without the pause, the other would be built beside the first.
        var paused = StartOn(["one", "two"], ["sh", "-c", script], options: ["--pause", "the CI moves"]);
        await started.ReadLineAsync();
        gate.Release();
        (await paused.SaysAsync(static line => line.StartsWith("one", StringComparison.Ordinal) && line.Contains("landed", StringComparison.Ordinal))).Should().BeTrue();
        await paused.SignalAsync("KILL");
        await paused.Ended;
        var landed = await LandedAsync();
        var isBuilt = File.Exists(runs);

        var resumed = await RunAsync(["one", "two"], script);

        landed.Should().Equal("one");
        isBuilt.Should().BeFalse();
        resumed.ExitCode.Should().Be(AllLanded, resumed.Error);
        (await LandedAsync()).Should().Equal("one", "two");
        File.ReadAllLines(runs).Should().ContainSingle();
    }
}
