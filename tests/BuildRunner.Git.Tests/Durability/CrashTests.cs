using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Tests.Durability;

/// <summary>A process that is killed, at any moment, loses nothing that it has answered, and leaves nothing that the next one does not clear away.</summary>
[Slow]
public sealed class CrashTests : IAsyncLifetime
{
    // Longer by hand: CRASH_KILLS=200.
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("CRASH_KILLS") ?? "20", System.Globalization.CultureInfo.InvariantCulture);

    private TestRepository _repository = null!;

    public static TheoryData<string> Steps => [.. Enum.GetNames<Step>()];

    private string State => _repository["state"];

    // A daemon in a session of its own, and a process beside it that has thrown the environment away.
    private string[] Command => ["sh", "-c", $"setsid sh -c 'env -i sleep 100000 & echo $! >> {_repository["strays"]}; exec sleep 100000' > /dev/null 2>&1 & while test ! -s {_repository["strays"]}; do sleep 0.01; done; echo $BUILDRUNNER_BUILD_ID >> {_repository["runs"]}"];

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [MemberData(nameof(Steps))]
    public async Task A_build_ends_once_wherever_its_process_was_killed(string step)
    {
        string? answer;
        await using (var host = HostProcess.Start(_repository, State, Command, Enum.Parse<Step>(step)))
        {
            answer = await host.TryAskAsync("trigger key");
            await host.WaitForDeathAsync();
        }

        await using var runner = CreateRunner();
        await runner.StartAsync();
        var buildId = await runner.TriggerByKeyAsync("key");
        var build = await runner.FinishAsync(buildId);

        build.Status.Should().Be(BuildStatus.Succeeded);
        (answer ?? buildId.Value).Should().Be(buildId.Value);
        await ShouldBeSettledAsync(runner, [buildId]);
        File.ReadAllLines(_repository["runs"]).Should().OnlyContain(run => run == buildId.Value);
    }

    [TimedTheory]
    [InlineData(nameof(Step.CheckedOut))]
    [InlineData(nameof(Step.Running))]
    [InlineData(nameof(Step.CommandEnded))]
    public async Task The_side_that_fails_is_told_also_after_a_kill_while_the_base_was_run(string step)
    {
        BuildRequest request = new()
        {
            Base = [TestRunner.ChangeOf(await _repository.CommitAsync("base", ("base.txt", "")))],
            Head = [TestRunner.ChangeOf(await _repository.CommitAsync("head", ("head.txt", "")))],
            TriggerKey = "key",
        };
        string[] command = ["sh", "-c", "test ! -e head.txt"];
        await using (var host = HostProcess.Start(_repository, State, command, $"{step}:2"))
        {
            await host.TryAskAsync("call trigger " + System.Text.Json.JsonSerializer.Serialize(request));
            await host.WaitForDeathAsync();
        }

        await using var runner = new TestRunner(_repository, options =>
        {
            options.StateDirectory = State;
            options.Command = command;
            options.AttributeFailures = true;
        });
        await runner.StartAsync();
        var build = await runner.FinishAsync((await runner.Runner.FindAsync("key"))!.Value);

        (build.FailureKind, build.FailedSide).Should().Be((BuildFailureKinds.Code, BuildFailedSides.Head));
        await ShouldBeSettledAsync(runner, [build.Id]);
    }

    [TimedFact]
    public async Task What_a_killed_process_was_running_is_killed_before_it_is_run_again()
    {
        using var started = await Fifo.CreateAsync(_repository["started"]);
        string[] command = ["sh", "-c", $"trap '' TERM PIPE; if mkdir {_repository["first"]} 2> /dev/null; then setsid sh -c 'env -i sleep 100000 & echo $! $$ > {started.Path}; exec sleep 100000' & env -i sleep 100000 & echo $! $$ > {started.Path}; wait; fi"];
        BuildId buildId;
        string[] processes;
        await using (var host = HostProcess.Start(_repository, State, command))
        {
            buildId = await host.TriggerAsync();
            processes = [.. (await started.ReadLineAsync()).Split(' '), .. (await started.ReadLineAsync()).Split(' ')];
            await host.KillAsync();
        }

        processes.Should().HaveCount(4).And.OnlyContain(static process => ProcessTable.IsRunning(process));
        await using var runner = CreateRunner(command);
        var before = (await runner.Runner.StatusAsync(buildId)).Status;
        await runner.StartAsync();
        var build = await runner.FinishAsync(buildId);

        before.Should().Be(BuildStatus.Running, "to look does not run anything");
        build.Status.Should().Be(BuildStatus.Succeeded);
        processes.Should().NotContain(static process => ProcessTable.IsRunning(process));
        await ShouldBeSettledAsync(runner, [buildId]);
    }

    [TimedFact]
    public async Task Git_that_a_killed_process_was_running_for_a_build_is_killed_and_nothing_around_it()
    {
        var blob = await _repository.GitAsync("rev-parse", "HEAD:target.txt");
        var file = Path.Combine(_repository.Path, ".git", "objects", blob[..2], blob[2..]);
        File.Move(file, _repository["blob"]);
        await Fifo.MakeAsync(file);
        await using var host = HostProcess.Start(_repository, State, ["true"]);
        var buildId = await host.TriggerAsync();

        // git checks the file out, which has no end: nobody opens the other end of the pipe.
        string? git;
        while ((git = ProcessTable.FindByEnvironment(State).FirstOrDefault(static id => ProcessTable.HasArgument(id, "read-tree"))) is null)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await host.KillAsync();
        File.Move(_repository["blob"], file, overwrite: true);
        await using var runner = CreateRunner(["true"]);
        await runner.StartAsync();

        (await runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
        ProcessTable.IsRunning(git).Should().BeFalse();
        await ShouldBeSettledAsync(runner, [buildId]);
    }

    [TimedFact]
    public async Task A_build_whose_process_was_killed_can_be_cancelled_by_a_process_that_runs_nothing()
    {
        using var started = await Fifo.CreateAsync(_repository["started"]);
        string[] command = ["sh", "-c", $"echo $$ > {started.Path}; exec sleep 100000"];
        await using var host = HostProcess.Start(_repository, State, command);
        var buildId = await host.TriggerAsync();
        var process = await started.ReadLineAsync();
        await host.KillAsync();

        await using var runner = CreateRunner(command);
        await runner.Runner.CancelAsync(buildId);

        (await runner.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
        ProcessTable.IsRunning(process).Should().BeFalse();
        Directory.EnumerateFileSystemEntries(Path.Combine(State, "pending")).Should().BeEmpty();
    }

    [TimedFact]
    public async Task A_cancel_that_was_answered_survives_the_process()
    {
        using var started = await Fifo.CreateAsync(_repository["started"]);
        string[] command = ["sh", "-c", $"trap '' TERM; echo $$ > {started.Path}; while :; do sleep 100000; done"];
        await using var host = HostProcess.Start(_repository, State, command);
        var buildId = await host.TriggerAsync();
        await started.ReadLineAsync();
        await host.AskAsync($"cancel {buildId}");
        await host.KillAsync();

        await using var runner = CreateRunner(command);
        await runner.StartAsync();

        (await runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [TimedFact]
    public async Task Nothing_is_lost_or_doubled_by_kills_at_random()
    {
        var seed = Environment.GetEnvironmentVariable("CRASH_SEED") is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"CRASH_SEED={seed}");
        Random random = new(seed);
        Dictionary<string, HashSet<string>> answers = [];
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var host = HostProcess.Start(_repository, State, Command, $"any:{random.Next(1, 45)}");
            await host.TryAskAsync("start");
            for (var trigger = 0; trigger < 4; trigger++)
            {
                // Some keys are new, some have been asked for before, with or without an answer.
                var key = $"key-{random.Next(kill + 2)}";
                answers.TryAdd(key, []);
                if (await host.TryAskAsync($"trigger {key}") is { } answer)
                {
                    answers[key].Add(answer);
                }
            }

            // Where it has not died by itself it is killed at whatever it is doing.
        }

        await using var runner = CreateRunner();
        await runner.StartAsync();
        List<BuildId> builds = [];
        foreach (var (key, ids) in answers)
        {
            var buildId = await runner.TriggerByKeyAsync(key);
            ids.Should().BeSubsetOf([buildId.Value], "the key {0} has one build (CRASH_SEED={1})", key, seed);
            builds.Add(buildId);
        }

        foreach (var buildId in builds)
        {
            (await runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded, "CRASH_SEED={0}", seed);
        }

        await ShouldBeSettledAsync(runner, builds);
    }

    private TestRunner CreateRunner(string[]? command = null) => new(_repository, options =>
    {
        options.StateDirectory = State;
        options.Command = command ?? Command;
    });

    // Nothing is in the state directory but these builds, each whole, and nothing runs.
    private async Task ShouldBeSettledAsync(TestRunner runner, List<BuildId> builds)
    {
        var pending = Path.Combine(State, "pending");
        var scratch = Path.Combine(State, "tmp");
        while (Directory.EnumerateFileSystemEntries(pending).Any() || Directory.EnumerateDirectories(scratch).Count() > 1)
        {
            // What nobody was told of, and what the dead process has left, is removed by the runner, at the latest when it looks again.
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        var directories = Directory.EnumerateDirectories(Path.Combine(State, "builds")).ToArray();
        directories.Select(static directory => Path.GetFileName(directory)).Should().BeEquivalentTo(builds.Select(static build => build.Value));
        foreach (var directory in directories)
        {
            Directory.EnumerateFiles(directory).Select(static file => Path.GetFileName(file)).Should().BeSubsetOf(["record.json", "running.json", "result.json", "log"]);
            JsonFile.Read(Path.Combine(directory, "record.json"), StorageJson.Default.BuildRecord).Should().NotBeNull();
            JsonFile.Read(Path.Combine(directory, "result.json"), StorageJson.Default.BuildResult).Should().NotBeNull();
            ProcessTable.FindByEnvironment(Path.GetFileName(directory)).Should().BeEmpty();
        }

        ProcessTable.FindByEnvironment(State).Should().BeEmpty();
        Directory.EnumerateFiles(Path.Combine(State, "keys")).Count().Should().BeLessThanOrEqualTo(builds.Count);
        Directory.EnumerateFiles(Path.Combine(State, "work"), "*.json").Select(AttemptFile.Read).Should().OnlyContain(static attempt => attempt == null);
        Directory.EnumerateDirectories(scratch).Should().ContainSingle("only one process lives");
        if (File.Exists(_repository["strays"]))
        {
            File.ReadAllLines(_repository["strays"]).Should().NotContain(static process => ProcessTable.IsRunning(process));
        }

        foreach (var build in builds)
        {
            (await runner.Runner.StatusAsync(build)).Status.IsTerminal().Should().BeTrue();
        }
    }
}
