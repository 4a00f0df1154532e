namespace BuildRunner.Samples.Tests;

/// <summary>Several branches built as one merge: a red one is split until the culprit is found.</summary>
[Slow]
public sealed class MergeQueueBatchTests : MergeQueueFixture
{
    private const int Attempts = 2;

    private string Runs => Repository["runs"];

    [TimedFact]
    public async Task Branches_that_are_green_together_land_by_one_build()
    {
        var branches = await CommitAllAsync(4);

        var result = await RunBatchAsync(branches, $"echo run >> {Runs}");

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal(branches);
        File.ReadAllLines(Runs).Should().ContainSingle();
    }

    [TimedTheory]
    [InlineData("b1")]
    [InlineData("b4")]
    [InlineData("b6")]
    [InlineData("b8")]
    public async Task One_culprit_among_eight_is_found_by_few_builds_and_the_others_land(string culprit)
    {
        var branches = await CommitAllAsync(8);

        var result = await RunBatchAsync(branches, $"echo run >> {Runs}; test ! -e {culprit}.txt");

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await LandedAsync()).Should().Equal(branches.Where(branch => branch != culprit));
        result.States.Where(static branch => branch.Value == "rejected").Should().ContainSingle().Which.Key.Should().Be(culprit);
        result.ReasonOf(culprit).Should().Contain("code");

        // All of them, three halves, the culprit alone as often as it is tried, and what was with it; one may do for two of these.
        File.ReadAllLines(Runs).Should().HaveCountLessThanOrEqualTo(1 + 3 + Attempts + 1);
    }

    [TimedFact]
    public async Task A_conflict_is_found_in_a_batch_and_the_others_land()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        await Repository.CommitAsync("conflict", ("one.txt", "of another\n"));
        await CommitAsync("three", "three.txt");

        var result = await RunBatchAsync(["one", "two", "conflict", "three"], $"echo run >> {Runs}");

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await LandedAsync()).Should().Equal("one", "two", "three");
        result.States["conflict"].Should().Be("rejected");
        result.ReasonOf("conflict").Should().Contain("one.txt");
        File.ReadAllLines(Runs).Should().HaveCount(2);
    }

    [TimedFact]
    public async Task A_batch_that_was_red_by_chance_rejects_nobody()
    {
        var branches = await CommitAllAsync(4);

        var result = await RunBatchAsync(branches, $"mkdir {Repository["failed-once"]} 2>&- && exit 1; exit 0");

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal(branches);
    }

    [TimedFact]
    public async Task A_failure_of_the_machine_rejects_nobody_and_the_next_start_tries_again()
    {
        var branches = await CommitAllAsync(4);
        await Repository.GitAsync("switch", "--quiet", "--detach");
        var path = Directory.CreateDirectory(Repository["path"]).FullName;
        var verify = Path.Combine(path, "verify");
        var variable = $"PATH={path}:{Environment.GetEnvironmentVariable("PATH")}";

        var result = await StartOn(branches, ["verify"], options: ["--batch", "4"], variables: variable).Ended;
        await Repository.ShellAsync($"printf '#!/bin/sh\ntest -e b1.txt\n' > {verify}; chmod +x {verify}");
        var next = await StartOn(branches, ["verify"], options: ["--batch", "4"], variables: variable).Ended;

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        result.States.Values.Should().HaveCount(4).And.OnlyContain(static state => state == "undecided");
        result.ReasonOf("b1").Should().Contain("infra");
        next.ExitCode.Should().Be(AllLanded, next.Error);
        (await LandedAsync()).Should().Equal(branches);
    }

    [TimedFact]
    public async Task After_a_kill_it_goes_on_with_the_halves()
    {
        var branches = await CommitAllAsync(4);
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);

        // The first half waits.
        var script = $"""
            test ! -e b4.txt -o ! -e b3.txt || echo all >> {Runs}
            test ! -e b3.txt || exit 1
            if test ! -e b4.txt; then echo $$ > {started.Path}; read x < {gate.Path}; fi
            """;
        var killed = await StartAsync(script);
        await started.ReadLineAsync();
        await killed.SignalAsync("KILL");
        await killed.Ended;
        var program = await StartAsync(script);
        await started.ReadLineAsync();
        gate.Release();
        var result = await program.Ended;

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await LandedAsync()).Should().Equal("b1", "b2", "b4");
        result.States["b3"].Should().Be("rejected");
        File.ReadAllLines(Runs).Should().ContainSingle();

        async Task<SampleProgram.Running> StartAsync(string text)
        {
            await Repository.GitAsync("switch", "--quiet", "--detach");
            return StartOn(branches, ["sh", "-c", text], options: ["--batch", "4"]);
        }
    }

    private async Task<string[]> CommitAllAsync(int count)
    {
        string[] branches = [.. Enumerable.Range(1, count).Select(static number => $"b{number}")];
        foreach (var branch in branches)
        {
            await CommitAsync(branch, $"{branch}.txt");
        }

        return branches;
    }

    // All of them are one batch.
    private async Task<SampleProgram.Result> RunBatchAsync(string[] branches, string script)
    {
        await Repository.GitAsync("switch", "--quiet", "--detach");
        return await StartOn(branches, ["sh", "-c", script], options: ["--batch", $"{branches.Length}", "--attempts", $"{Attempts}"]).Ended;
    }
}
