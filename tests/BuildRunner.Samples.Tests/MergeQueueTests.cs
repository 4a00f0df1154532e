namespace BuildRunner.Samples.Tests;

[Slow]
public sealed class MergeQueueTests : MergeQueueFixture
{
    // Each is good alone, and the two are bad together.
    private const string NotBoth = "test ! -e left.txt || test ! -e right.txt";

    [TimedFact]
    public async Task What_is_green_lands_in_order_and_what_is_red_is_rejected()
    {
        await CommitAsync("one", "one.txt");
        await Repository.CommitAsync("conflict", ("one.txt", "of another\n"));
        await CommitAsync("broken", "broken.txt");
        await CommitAsync("two", "two.txt");
        await CommitAsync("flaky", "flaky.txt");

        // Red where there is something broken, and the first time that there is something flaky.
        var result = await RunAsync(
            ["one", "conflict", "broken", "two", "flaky"],
            $"test ! -e broken.txt || exit 1; test ! -e flaky.txt || mkdir {Repository["failed-once"]} 2>&- && test -e flaky.txt && exit 1; exit 0");

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await LandedAsync()).Should().Equal("one", "two", "flaky");
        (await Repository.GitAsync("ls-tree", "--name-only", "main")).Split('\n').Should().Equal("flaky.txt", "one.txt", "target.txt", "two.txt");
        (await Repository.GitAsync("show", "main:one.txt")).Should().Be("one");
        result.States.Should().BeEquivalentTo(new Dictionary<string, string> { ["one"] = "landed", ["conflict"] = "rejected", ["broken"] = "rejected", ["two"] = "landed", ["flaky"] = "landed" });
    }

    [TimedFact]
    public async Task What_lands_was_verified_on_all_that_landed_before_it()
    {
        await CommitAsync("one", "left.txt");
        await CommitAsync("two", "right.txt");
        await CommitAsync("three", "three.txt");

        var result = await RunAsync(["one", "two", "three"], NotBoth);

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await LandedAsync()).Should().Equal("one", "three");
    }

    [TimedFact]
    public async Task Branches_are_verified_before_those_ahead_of_them_have_landed()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);

        var program = await StartAsync(["one", "two"], $"echo $$ > {started.Path}; read x < {gate.Path}");

        // Both wait at the same time.
        await started.ReadLineAsync();
        await started.ReadLineAsync();
        gate.Release();
        gate.Release();
        (await program.Ended).ExitCode.Should().Be(AllLanded);
        (await LandedAsync()).Should().Equal("one", "two");
    }

    [TimedFact]
    public async Task What_is_behind_is_not_verified_anew_when_what_is_ahead_has_landed()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        using var gate = await Fifo.CreateAsync(Repository["gate"]);

        var program = await StartAsync(["one", "two"], $"echo run >> {Repository["runs"]}; test ! -e two.txt || read x < {gate.Path}");
        (await program.SaysAsync(static line => line.StartsWith("one", StringComparison.Ordinal) && line.Contains("landed", StringComparison.Ordinal))).Should().BeTrue();
        gate.Release();
        var result = await program.Ended;

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("one", "two");
        File.ReadAllLines(Repository["runs"]).Should().HaveCount(2);
    }

    [TimedFact]
    public async Task What_another_queue_has_landed_is_verified_as_well()
    {
        await CommitAsync("one", "left.txt");
        await CommitAsync("two", "right.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);
        var script = $"test -e right.txt || {{ echo $$ > {started.Path}; read x < {gate.Path}; }}; {NotBoth}";
        var program = await StartAsync(["one"], script);
        await started.ReadLineAsync();

        var other = await RunAsync(["two"], script, "of-the-other");
        gate.Release();
        var result = await program.Ended;

        other.ExitCode.Should().Be(AllLanded, other.Error);
        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await LandedAsync()).Should().Equal("two");
    }

    [TimedTheory]
    [InlineData(4)]
    [InlineData(16)]
    [InlineData("*update-ref*")]
    public async Task What_is_pushed_just_before_the_queue_runs_git_is_verified_as_well(object moment)
    {
        await CommitAsync("one", "left.txt");
        var pushed = await CommitAsync("pushed", "right.txt");

        // When git is run for so many times, or with such arguments; at the latest when the target is about to be moved.
        var occurrence = moment as int? ?? int.MaxValue;
        var variable = await WrapGitAsync($"""
            echo x >> {Repository["occurrences"]}
            isTime=false
            test "$(wc -l < {Repository["occurrences"]})" -lt {occurrence} || isTime=true
            case "$*" in *update-ref*) isTime=true;; esac
            if $isTime && mkdir {Repository["once"]} 2>&-; then $git -C {Repository.Path} update-ref refs/heads/main {pushed}; fi
            """);

        var result = await RunAsync(["one"], NotBoth, variables: variable);

        Directory.Exists(Repository["once"]).Should().BeTrue();
        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await Repository.TipAsync()).Should().Be(pushed);
    }

    [TimedFact]
    public async Task What_is_pushed_and_taken_back_while_a_build_is_triggered_is_not_verified()
    {
        await CommitAsync("one", "one.txt");
        var tip = await Repository.TipAsync("main");
        var pushed = await CommitAsync("pushed", "pushed.txt");

        // While the runner asks for the commits of the build.
        var variable = await WrapGitAsync($"""
            case "$*" in
            *cat-file*--batch-check*)
                mkdir {Repository["once"]} 2>&- && $git -C {Repository.Path} update-ref refs/heads/main {pushed}
                $git "$@"
                code=$?
                $git -C {Repository.Path} update-ref refs/heads/main {tip}
                exit $code
            esac
            """);

        var result = await RunAsync(["one"], "test -e pushed.txt", variables: variable);

        Directory.Exists(Repository["once"]).Should().BeTrue();
        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await Repository.TipAsync("main")).Should().Be(tip);
    }

    [TimedFact]
    public async Task After_a_kill_the_queue_goes_on()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);
        var script = $"test ! -e two.txt || {{ echo $$ > {started.Path}; read x < {gate.Path}; }}";
        var first = await StartAsync(["one", "two"], script);
        await started.ReadLineAsync();

        await first.SignalAsync("KILL");
        await first.Ended;
        var second = await StartAsync(["one", "two"], script);
        await started.ReadLineAsync();
        gate.Release();
        var result = await second.Ended;

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("one", "two");
    }

    [TimedFact]
    public async Task A_branch_whose_build_was_cancelled_for_another_is_not_rejected()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);
        var hold = Repository["hold"];
        await File.WriteAllTextAsync(hold, "", TestContext.Current.CancellationToken);

        // The second is green when what the first has left is cancelled.
        var script = $"""
            if test -e one.txt && test -e {hold}; then echo $$ > {started.Path}; read x < {gate.Path}; fi
            test ! -e two.txt || until grep -qs cancelled {Repository["state"]}/git/builds/*/result.json; do sleep 0.1; done
            """;
        var killed = await StartAsync(["one"], script);
        await started.ReadLineAsync();
        await killed.SignalAsync("KILL");
        await killed.Ended;

        var other = await RunAsync(["two"], script);
        File.Delete(hold);
        var result = await RunAsync(["one"], script);

        other.ExitCode.Should().Be(AllLanded, other.Error);
        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("two", "one");
    }

    [TimedFact]
    public async Task A_branch_that_the_machine_could_not_verify_is_not_rejected()
    {
        await CommitAsync("one", "one.txt");
        await Repository.GitAsync("switch", "--quiet", "--detach");
        var path = Directory.CreateDirectory(Repository["path"]).FullName;
        var verify = Path.Combine(path, "verify");
        var variable = $"PATH={path}:{Environment.GetEnvironmentVariable("PATH")}";

        var result = await StartOn(["one"], ["verify"], variables: variable).Ended;
        await Repository.ShellAsync($"printf '#!/bin/sh\ntest -e one.txt\n' > {verify}; chmod +x {verify}");
        var next = await StartOn(["one"], ["verify"], variables: variable).Ended;

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        result.States.Should().Contain("one", "undecided");
        result.ReasonOf("one").Should().Contain("infra");
        next.ExitCode.Should().Be(AllLanded, next.Error);
        (await LandedAsync()).Should().Equal("one");
    }

    [TimedTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Interrupted_the_queue_stops_what_runs_and_says_that_nothing_is_decided(string signal)
    {
        await CommitAsync("one", "one.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var stopping = await Fifo.CreateAsync(Repository["stopping"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);
        var stopped = Repository["stopped"];

        // It takes its time to stop: until the test lets it.
        var program = await StartAsync(["one"], $"trap 'echo $$ > {stopping.Path}; read x < {gate.Path}; touch {stopped}; exit 1' TERM; echo $$ > {started.Path}; while :; do sleep 1; done");
        await started.ReadLineAsync();
        await program.SignalAsync(signal);
        await stopping.ReadLineAsync();
        gate.Release();
        var result = await program.Ended;

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        result.Error.Trim().Should().NotBeEmpty().And.NotContain("\n");
        File.Exists(stopped).Should().BeTrue();
    }

    [TimedFact]
    public async Task A_target_that_is_deleted_meanwhile_stops_what_runs()
    {
        await CommitAsync("one", "one.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        var stopped = Repository["stopped"];

        var program = await StartAsync(["one"], $"trap 'touch {stopped}; exit 1' TERM; echo $$ > {started.Path}; while :; do sleep 1; done");
        await started.ReadLineAsync();
        await Repository.GitAsync("branch", "--quiet", "-D", "main");
        var result = await program.Ended;

        result.ExitCode.Should().Be(Rejected, result.Error);
        result.Error.Trim().Should().Contain("main").And.NotContain("\n");
        File.Exists(stopped).Should().BeTrue();
    }

    [TimedFact]
    public async Task A_state_directory_that_another_queue_is_using_is_refused()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        using var started = await Fifo.CreateAsync(Repository["started"]);
        using var gate = await Fifo.CreateAsync(Repository["gate"]);
        var script = $"echo $$ > {started.Path}; read x < {gate.Path}";
        var first = await StartAsync(["one"], script);
        await started.ReadLineAsync();

        var second = await RunAsync(["two"], script);
        gate.Release();
        var result = await first.Ended;

        second.ExitCode.Should().Be(Rejected, second.Error);
        second.Error.Trim().Should().Contain(Repository["state"]).And.NotContain("\n");
        result.ExitCode.Should().Be(AllLanded, result.Error);
    }

    [TimedFact]
    public async Task A_branch_that_is_checked_out_is_not_landed_on()
    {
        await CommitAsync("one", "one.txt");
        await Repository.GitAsync("switch", "--quiet", "main");

        var result = await StartOn(["one"], ["true"]).Ended;

        result.ExitCode.Should().Be(Rejected);
        result.Error.Trim().Should().Contain("main").And.NotContain("\n");
    }
}
