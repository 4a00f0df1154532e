namespace BuildRunner.Samples.Tests;

/// <summary>Changes that others make to the branches while the merge queue runs.</summary>
[Slow]
public sealed class MergeQueueMeanwhileTests : MergeQueueFixture
{
    [TimedFact]
    public async Task A_branch_that_was_pushed_anew_while_it_was_built_lands_as_it_is_now()
    {
        var old = await CommitAsync("one", "old.txt");
        var current = await CommitAsync("other", "new.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);

        var program = await StartAsync(["one"], Gated(started, gate, "old.txt"));
        await started.ReadLineAsync();
        await Repository.GitAsync("update-ref", "refs/heads/one", current);
        gate.Release();
        var result = await program.Ended;

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await HistoryAsync()).Should().Contain(current).And.NotContain(old);
    }

    [TimedFact]
    public async Task A_branch_that_is_pushed_anew_just_before_it_lands_does_not_land_as_it_was()
    {
        var old = await CommitAsync("one", "old.txt");
        var current = await CommitAsync("other", "new.txt");
        var variable = await WrapGitAsync($"case \"$*\" in *update-ref*) $git -C {Repository.Path} update-ref refs/heads/one {current}; esac");

        var result = await RunAsync(["one"], "true", variables: variable);

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await HistoryAsync()).Should().Contain(current).And.NotContain(old);
    }

    [TimedFact]
    public async Task A_branch_that_was_deleted_while_it_was_built_does_not_land_and_the_others_do()
    {
        var gone = await CommitAsync("one", "old.txt");
        await CommitAsync("two", "two.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);

        var program = await StartAsync(["one", "two"], $"test -e two.txt || {{ {Gated(started, gate, "old.txt")}; }}");
        await started.ReadLineAsync();
        await Repository.GitAsync("branch", "--quiet", "-D", "one");
        gate.Release();
        var result = await program.Ended;

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        result.States.Should().Contain("one", "gone").And.Contain("two", "landed");
        (await LandedAsync()).Should().Equal("two");
        (await HistoryAsync()).Should().NotContain(gone);
    }

    [TimedTheory]
    [InlineData("git worktree add --quiet ../beside main")]
    [InlineData("git branch other main; git switch --quiet other; git symbolic-ref refs/heads/main refs/heads/other")]
    public async Task A_target_that_is_checked_out_while_a_branch_is_built_is_not_moved(string script)
    {
        await CommitAsync("one", "old.txt");
        var tip = await Repository.TipAsync("main");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);

        var program = await StartAsync(["one"], Gated(started, gate, "old.txt"));
        await started.ReadLineAsync();
        await Repository.ShellAsync(script);
        gate.Release();
        var result = await program.Ended;

        result.ExitCode.Should().Be(Rejected, result.Error);
        result.Error.Trim().Should().Contain("main").And.NotContain("\n");
        (await Repository.TipAsync("main")).Should().Be(tip);
    }

    [TimedTheory]
    [InlineData("git worktree add --quiet ../beside main")]
    [InlineData("git branch -m main other; git symbolic-ref refs/heads/main refs/heads/other")]
    public async Task A_target_that_cannot_be_moved_is_refused_at_once(string script)
    {
        await CommitAsync("one", "one.txt");
        await Repository.GitAsync("switch", "--quiet", "--detach");
        var tip = await Repository.TipAsync("main");
        await Repository.ShellAsync(script);

        var result = await RunAsync(["one"], $"touch {Repository["ran"]}");

        result.ExitCode.Should().Be(Rejected, result.Error);
        result.Error.Trim().Should().Contain("main").And.NotContain("\n");
        (await Repository.TipAsync("main")).Should().Be(tip);
        File.Exists(Repository["ran"]).Should().BeFalse();
    }

    [TimedFact]
    public async Task What_somebody_has_taken_off_the_target_again_is_not_told_to_have_landed()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        var tip = await Repository.TipAsync("main");
        using var gate = await Fifo.CreateAsync(Repository["gate"]);

        var program = await StartAsync(["one", "two"], $"test ! -e two.txt || read x < {gate.Path}");
        (await program.SaysAsync(static line => line.StartsWith("one", StringComparison.Ordinal) && line.Contains("landed", StringComparison.Ordinal))).Should().BeTrue();
        await Repository.GitAsync("update-ref", "refs/heads/main", tip);
        gate.Release();
        gate.Release();
        var result = await program.Ended;

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await LandedAsync()).Should().Equal("two");
        result.States.Should().BeEquivalentTo(new Dictionary<string, string> { ["one"] = "gone", ["two"] = "landed" });
    }

    [TimedFact]
    public async Task Races_that_are_lost_to_others_are_tried_again_at_the_next_look()
    {
        await CommitAsync("one", "one.txt");

        // As if somebody had pushed each time: as often as one landing tries.
        var variable = await WrapGitAsync($"""
            case "$*" in *update-ref*"merged refs"*)
                echo x >> {Repository["moves"]}
                test "$(wc -l < {Repository["moves"]})" -gt 5 || exit 1
            esac
            """);

        var result = await RunAsync(["one"], "true", variables: variable);

        result.ExitCode.Should().Be(AllLanded, result.Error);
        result.Output.Should().MatchRegex("one +green +Could not move the target");
        File.ReadAllLines(Repository["moves"]).Should().HaveCount(6);
    }

    [TimedFact]
    public async Task Branches_that_cannot_be_read_for_a_moment_are_read_again_at_the_next_look()
    {
        await CommitAsync("one", "one.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);
        var variable = await WrapGitAsync($"""
            case "$*" in *ls-remote*)
                if test -e {Repository["away"]}; then
                    mv {Repository["away"]} {Repository["was-away"]}
                    echo "fatal: unable to access '/shop': Failed to connect to localhost" >&2
                    exit 128
                fi
            esac
            """);

        var program = await StartAsync(["one"], Gated(started, gate, "one.txt"), variables: variable);
        await started.ReadLineAsync();
        await Repository.ShellAsync($"touch {Repository["away"]}");
        (await program.SaysAsync(static line => line.Contains("Failed to connect", StringComparison.Ordinal))).Should().BeTrue();
        gate.Release();
        var result = await program.Ended;

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("one");
    }

    [TimedFact]
    public async Task A_merge_whose_record_is_gone_is_built_again()
    {
        await CommitAsync("one", "one.txt");
        var variable = await WrapGitAsync("""case "$*" in *update-ref*"merged refs"*) exit 1; esac""");

        var killed = await StartAsync(["one"], "true", variables: variable);
        (await killed.SaysAsync(static line => line.Contains("green", StringComparison.Ordinal))).Should().BeTrue();
        await killed.SignalAsync("KILL");
        await killed.Ended;
        await Repository.ShellAsync($"""
            for git in {Repository.Path}/.git $(find {Repository["state"]}/merged -name HEAD -printf '%h '); do
                git --git-dir=$git for-each-ref --format='delete %(refname)' refs/buildrunner | git --git-dir=$git update-ref --stdin
            done
            """);
        var result = await RunAsync(["one"], "true");

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("one");
    }

    // Says that it has begun and waits, where there is a file.
    private static string Gated(Fifo started, Fifo gate, string file) => $"test ! -e {file} || {{ echo $$ > {started.Path}; read x < {gate.Path}; }}";

    private async Task<string[]> HistoryAsync() => (await Repository.GitAsync("rev-list", "main")).Split('\n');
}
