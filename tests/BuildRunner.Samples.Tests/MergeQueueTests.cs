namespace BuildRunner.Samples.Tests;

public sealed class MergeQueueTests : IAsyncLifetime
{
    private const int AllLanded = 0;
    private const int SomeDropped = 1;
    private const int Rejected = 2;
    private const int Undecided = 3;

    // Each is good alone, and the two are bad together.
    private const string NotBoth = "test ! -e left.txt || test ! -e right.txt";

    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task What_is_green_lands_in_order_and_what_is_red_is_dropped()
    {
        await CommitAsync("one", "one.txt");
        await _repository.CommitAsync("conflict", ("one.txt", "of another\n"));
        await CommitAsync("broken", "broken.txt");
        await CommitAsync("two", "two.txt");
        await CommitAsync("flaky", "flaky.txt");

        // Red where there is something broken, and the first time that there is something flaky.
        var result = await RunAsync(
            ["one", "conflict", "broken", "two", "flaky"],
            $"test ! -e broken.txt || exit 1; test ! -e flaky.txt || mkdir {_repository["failed-once"]} 2>&- && test -e flaky.txt && exit 1; exit 0");

        result.ExitCode.Should().Be(SomeDropped, result.Error);
        (await LandedAsync()).Should().Equal("one", "two", "flaky");
        (await _repository.GitAsync("ls-tree", "--name-only", "main")).Split('\n').Should().Equal("flaky.txt", "one.txt", "target.txt", "two.txt");
        (await _repository.GitAsync("show", "main:one.txt")).Should().Be("one");
        LastStates(result).Should().BeEquivalentTo(new Dictionary<string, string> { ["one"] = "landed", ["conflict"] = "dropped", ["broken"] = "dropped", ["two"] = "landed", ["flaky"] = "landed" });
    }

    [TimedFact]
    public async Task What_lands_was_verified_on_all_that_landed_before_it()
    {
        await CommitAsync("one", "left.txt");
        await CommitAsync("two", "right.txt");
        await CommitAsync("three", "three.txt");

        var result = await RunAsync(["one", "two", "three"], NotBoth);

        result.ExitCode.Should().Be(SomeDropped, result.Error);
        (await LandedAsync()).Should().Equal("one", "three");
    }

    [TimedFact]
    public async Task Branches_are_verified_before_those_ahead_of_them_have_landed()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);

        var program = Start(["one", "two"], $"echo $$ > {started.Path}; read x < {gate.Path}");

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
        using var landed = await Fifo.CreateAsync(_repository["landed"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        await _repository.GitAsync("switch", "--quiet", "--detach");
        Directory.CreateDirectory(Path.Combine(_repository.Path, ".git", "hooks"));
        await _repository.ShellAsync($"""
            printf '#!/bin/sh\ntest "$1" != committed || while read -r old new name; do test "$name" != refs/heads/main || echo "$name" > {landed.Path}; done\n' > .git/hooks/reference-transaction
            chmod +x .git/hooks/reference-transaction
            """);

        var program = Start(["one", "two"], $"echo run >> {_repository["runs"]}; test ! -e two.txt || read x < {gate.Path}");
        await landed.ReadLineAsync();
        gate.Release();
        var result = await program.Ended;

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("one", "two");
        File.ReadAllLines(_repository["runs"]).Should().HaveCount(2);
    }

    [TimedFact]
    public async Task What_another_queue_has_landed_is_verified_as_well()
    {
        await CommitAsync("one", "left.txt");
        await CommitAsync("two", "right.txt");
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        var script = $"test -e right.txt || {{ echo $$ > {started.Path}; read x < {gate.Path}; }}; {NotBoth}";
        var program = Start(["one"], script);
        await started.ReadLineAsync();

        var other = await Start(["two"], script, state: "of-the-other").Ended;
        gate.Release();
        var result = await program.Ended;

        other.ExitCode.Should().Be(AllLanded, other.Error);
        result.ExitCode.Should().Be(SomeDropped, result.Error);
        (await LandedAsync()).Should().Equal("two");
    }

    [TimedTheory]
    [InlineData("rev-parse", 3)]
    [InlineData("merge-base", 1)]
    [InlineData("merge-tree", 1)]
    [InlineData("commit-tree", 1)]
    [InlineData("update-ref", 1)]
    public async Task What_is_pushed_just_before_the_queue_runs_git_is_verified_as_well(string command, int occurrence)
    {
        await CommitAsync("one", "left.txt");
        var pushed = await CommitAsync("pushed", "right.txt");
        var path = await WrapGitAsync($"""
            if test "$1" = -C && test "$3" = {command}; then
                echo x >> {_repository["occurrences"]}
                test "$(wc -l < {_repository["occurrences"]})" -ne {occurrence} || $git -C {_repository.Path} update-ref refs/heads/main {pushed}
            fi
            """);

        var result = await Start(["one"], NotBoth, path: path).Ended;

        result.ExitCode.Should().Be(SomeDropped, result.Error);
        (await _repository.TipAsync()).Should().Be(pushed);
    }

    [TimedFact]
    public async Task What_is_pushed_and_taken_back_while_a_build_is_triggered_is_not_verified()
    {
        await CommitAsync("one", "one.txt");
        var tip = await _repository.TipAsync("main");
        var pushed = await CommitAsync("pushed", "pushed.txt");

        // While the runner asks for the commits of the build.
        var path = await WrapGitAsync($"""
            case "$*" in
            *cat-file*--batch-check*)
                mkdir {_repository["once"]} 2>&- && $git -C {_repository.Path} update-ref refs/heads/main {pushed}
                $git "$@"
                code=$?
                $git -C {_repository.Path} update-ref refs/heads/main {tip}
                exit $code
            esac
            """);

        var result = await Start(["one"], "test -e pushed.txt", path: path).Ended;

        Directory.Exists(_repository["once"]).Should().BeTrue();
        result.ExitCode.Should().Be(SomeDropped, result.Error);
        (await _repository.TipAsync("main")).Should().Be(tip);
    }

    [TimedFact]
    public async Task After_a_kill_the_queue_goes_on()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        var script = $"test ! -e two.txt || {{ echo $$ > {started.Path}; read x < {gate.Path}; }}";
        var first = Start(["one", "two"], script);
        await started.ReadLineAsync();

        await first.SignalAsync("KILL");
        await first.Ended;
        var second = Start(["one", "two"], script);
        await started.ReadLineAsync();
        gate.Release();
        var result = await second.Ended;

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("one", "two");
    }

    [TimedFact]
    public async Task A_branch_whose_build_was_cancelled_for_another_is_not_dropped()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        var hold = _repository["hold"];
        await File.WriteAllTextAsync(hold, "", TestContext.Current.CancellationToken);

        // The second is green when what the first has left is cancelled.
        var script = $"""
            if test -e one.txt && test -e {hold}; then echo $$ > {started.Path}; read x < {gate.Path}; fi
            test ! -e two.txt || until grep -qs cancelled {_repository["state"]}/builds/*/result.json; do sleep 0.1; done
            """;
        var killed = Start(["one"], script);
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
    public async Task A_branch_that_the_machine_could_not_verify_is_not_dropped()
    {
        await CommitAsync("one", "one.txt");
        await _repository.GitAsync("switch", "--quiet", "--detach");
        var path = Directory.CreateDirectory(_repository["path"]).FullName;
        var verify = Path.Combine(path, "verify");

        var result = await StartOn(["one"], ["verify"], path: path).Ended;
        await _repository.ShellAsync($"printf '#!/bin/sh\ntest -e one.txt\n' > {verify}; chmod +x {verify}");
        var next = await StartOn(["one"], ["verify"], path: path).Ended;

        result.ExitCode.Should().Be(Undecided, result.Error);
        result.Error.Trim().Should().Contain("one").And.Contain("infra").And.NotContain("\n");
        LastStates(result).Should().Contain("one", "unverified");
        next.ExitCode.Should().Be(AllLanded, next.Error);
        (await LandedAsync()).Should().Equal("one");
    }

    [TimedFact]
    public async Task Interrupted_the_queue_stops_what_runs_and_says_that_nothing_is_decided()
    {
        await CommitAsync("one", "one.txt");
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var stopping = await Fifo.CreateAsync(_repository["stopping"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        var stopped = _repository["stopped"];

        // It takes its time to stop: until the test lets it.
        var program = Start(["one"], $"trap 'echo $$ > {stopping.Path}; read x < {gate.Path}; touch {stopped}; exit 1' TERM; echo $$ > {started.Path}; while :; do sleep 1; done");
        await started.ReadLineAsync();
        await program.SignalAsync("INT");
        await stopping.ReadLineAsync();
        gate.Release();
        var result = await program.Ended;

        result.ExitCode.Should().Be(Undecided, result.Error);
        result.Error.Trim().Should().NotBeEmpty().And.NotContain("\n");
        File.Exists(stopped).Should().BeTrue();
    }

    [TimedFact]
    public async Task A_target_that_is_deleted_meanwhile_stops_what_runs()
    {
        await CommitAsync("one", "one.txt");
        using var started = await Fifo.CreateAsync(_repository["started"]);
        var stopped = _repository["stopped"];

        var program = Start(["one"], $"trap 'touch {stopped}; exit 1' TERM; echo $$ > {started.Path}; while :; do sleep 1; done");
        await started.ReadLineAsync();
        await _repository.GitAsync("branch", "--quiet", "-D", "main");
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
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        var script = $"echo $$ > {started.Path}; read x < {gate.Path}";
        var first = Start(["one"], script);
        await started.ReadLineAsync();

        var second = await RunAsync(["two"], script);
        gate.Release();
        var result = await first.Ended;

        second.ExitCode.Should().Be(Rejected, second.Error);
        second.Error.Trim().Should().Contain(_repository["state"]).And.NotContain("\n");
        result.ExitCode.Should().Be(AllLanded, result.Error);
    }

    [TimedFact]
    public async Task A_branch_that_is_checked_out_is_not_landed_on()
    {
        await CommitAsync("one", "one.txt");
        await _repository.GitAsync("switch", "--quiet", "main");

        var result = await StartOn(["one"], ["true"]).Ended;

        result.ExitCode.Should().Be(Rejected);
        result.Error.Trim().Should().Contain("main").And.NotContain("\n");
    }

    [TimedFact]
    public async Task A_branch_that_there_is_not_is_a_sentence()
    {
        var result = await RunAsync(["no-such-branch"], "true");

        result.ExitCode.Should().Be(Rejected);
        result.Error.Should().Contain("no-such-branch").And.NotContain("   at ");
    }

    private Task<string> CommitAsync(string branch, string file) => _repository.CommitAsync(branch, (file, $"{branch}\n"));

    private Task<SampleProgram.Result> RunAsync(string[] branches, string script) => Start(branches, script).Ended;

    private SampleProgram.Running Start(string[] branches, string script, string state = "state", string? path = null) =>
        StartOn(branches, ["sh", "-c", script], state, path, "git", "-C", _repository.Path, "switch", "--quiet", "--detach");

    private SampleProgram.Running StartOn(string[] branches, string[] command, string state = "state", string? path = null, params string[] before) => SampleProgram.Start(
        SampleProgram.Interruptible,
        [
            "--default-signal=INT,TERM,HUP", .. path is null ? Array.Empty<string>() : [$"PATH={path}:{Environment.GetEnvironmentVariable("PATH")}"], "sh", "-c", $"{string.Join(' ', before)}\nexec \"$@\"", "sh",
            "dotnet", SampleProgram.PathOf("MergeQueue.dll"), "--repo", _repository.Path, "--state", _repository[state], .. branches.SelectMany(static branch => new[] { "--branch", branch }), "--", .. command,
        ]);

    /// <summary>Makes a git that does something before it is git.</summary>
    /// <returns>The directory to have first on the path.</returns>
    private async Task<string> WrapGitAsync(string script)
    {
        var path = Directory.CreateDirectory(_repository["path"]).FullName;
        var git = Path.Combine(path, "git");
        await File.WriteAllTextAsync(git, $"#!/bin/sh\ngit={await _repository.ShellAsync("command -v git")}\n{script}\nexec $git \"$@\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(git, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private async Task<IEnumerable<string>> LandedAsync() =>
        (await _repository.GitAsync("log", "--first-parent", "--reverse", "--merges", "--format=%s", "main")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static subject => subject.Split(' ')[1]);

    private static Dictionary<string, string> LastStates(SampleProgram.Result result)
    {
        Dictionary<string, string> states = [];
        foreach (var words in result.Output.Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(static words => words.Length > 1))
        {
            states[words[0]] = words[1];
        }

        return states;
    }
}
