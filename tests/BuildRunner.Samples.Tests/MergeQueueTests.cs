namespace BuildRunner.Samples.Tests;

public sealed class MergeQueueTests : IAsyncLifetime
{
    private const int AllLanded = 0;
    private const int SomeDropped = 1;
    private const int Rejected = 2;

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
        // Each is good alone, and the two are bad together.
        await CommitAsync("one", "left.txt");
        await CommitAsync("two", "right.txt");
        await CommitAsync("three", "three.txt");

        var result = await RunAsync(["one", "two", "three"], "test ! -e left.txt || test ! -e right.txt");

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
    public async Task A_branch_that_is_checked_out_is_not_landed_on()
    {
        await CommitAsync("one", "one.txt");
        await _repository.GitAsync("switch", "--quiet", "main");

        var result = await StartOn(["one"], "true").Ended;

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

    private SampleProgram.Running Start(string[] branches, string script) => StartOn(branches, script, "git", "-C", _repository.Path, "switch", "--quiet", "--detach");

    private SampleProgram.Running StartOn(string[] branches, string script, params string[] before) => SampleProgram.Start(
        SampleProgram.Interruptible,
        [
            "--default-signal=INT,TERM,HUP", "sh", "-c", $"{string.Join(' ', before)}\nexec \"$@\"", "sh",
            "dotnet", SampleProgram.PathOf("MergeQueue.dll"), "--repo", _repository.Path, "--state", _repository["state"], .. branches.SelectMany(static branch => new[] { "--branch", branch }), "--", "sh", "-c", script,
        ]);

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
