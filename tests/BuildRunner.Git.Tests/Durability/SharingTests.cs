namespace BuildRunner.Git.Tests.Durability;

/// <summary>Several processes on one state directory.</summary>
[Slow]
public sealed class SharingTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private Fifo _started = null!;
    private Fifo _gate = null!;

    private string State => _repository["state"];

    // Says which process runs which build, and then waits for the gate.
    private string[] Gated => ["sh", "-c", $"echo $PPID $BUILDRUNNER_BUILD_ID > {_started.Path}; read x < {_gate.Path}"];

    private string[] Counting => ["sh", "-c", $"echo $BUILDRUNNER_BUILD_ID >> {_repository["runs"]}"];

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _started = await Fifo.CreateAsync(_repository["started"]);
        _gate = await Fifo.CreateAsync(_repository["gate"]);
    }

    public ValueTask DisposeAsync()
    {
        _started.Dispose();
        _gate.Dispose();
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task A_process_that_has_room_takes_what_another_has_triggered()
    {
        await using var first = HostProcess.Start(_repository, State, Gated);
        await using var second = HostProcess.Start(_repository, State, Gated);
        await second.AskAsync("start");

        BuildId[] ids = [await first.TriggerAsync(), await first.TriggerAsync()];
        string[][] running = [(await _started.ReadLineAsync()).Split(' '), (await _started.ReadLineAsync()).Split(' ')];
        _gate.Release();
        _gate.Release();
        await using var reader = CreateRunner(Gated);
        var ends = await Task.WhenAll(ids.Select(reader.WaitAsync));

        running.Select(static line => line[0]).Should().BeEquivalentTo(first.Id, second.Id);
        running.Select(static line => line[1]).Should().BeEquivalentTo(ids.Select(static id => id.Value));
        ends.Should().OnlyContain(static end => end.Status == BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task A_build_runs_the_command_of_its_trigger_whoever_runs_it()
    {
        BuildId build;
        await using (var first = CreateRunner(["sh", "-c", $"echo first >> {_repository["runs"]}; echo > {_started.Path}; read x < {_gate.Path}; exit 3"]))
        {
            build = await first.TriggerAsync();
            await _started.ReadLineAsync();
        }

        await using var second = CreateRunner(["sh", "-c", $"echo second >> {_repository["runs"]}"]);
        await second.StartAsync();
        await _started.ReadLineAsync();
        _gate.Release();
        var end = await second.WaitAsync(build);
        var own = await second.BuildAsync();

        end.Status.Should().Be(BuildStatus.Failed);
        own.Status.Should().Be(BuildStatus.Succeeded);
        File.ReadAllLines(_repository["runs"]).Should().Equal("first", "first", "second");
    }

    [TimedFact]
    public async Task Each_build_runs_once()
    {
        await using var first = HostProcess.Start(_repository, State, Counting);
        await using var second = HostProcess.Start(_repository, State, Counting);

        async Task<List<BuildId>> TriggerAsync(HostProcess host)
        {
            List<BuildId> ids = [];
            for (var number = 0; number < 15; number++)
            {
                ids.Add(await host.TriggerAsync());
            }

            return ids;
        }

        BuildId[] ids = [.. (await Task.WhenAll(TriggerAsync(first), TriggerAsync(second))).SelectMany(static list => list)];
        await using var reader = CreateRunner(Counting);
        var ends = await Task.WhenAll(ids.Select(reader.WaitAsync));

        ends.Should().OnlyContain(static end => end.Status == BuildStatus.Succeeded);
        File.ReadAllLines(_repository["runs"]).Should().BeEquivalentTo(ids.Select(static id => id.Value));
    }

    [TimedFact]
    public async Task A_key_gives_one_build_also_to_two_processes_at_once()
    {
        await using var first = HostProcess.Start(_repository, State, Counting);
        await using var second = HostProcess.Start(_repository, State, Counting);
        HashSet<BuildId> ids = [];

        for (var number = 0; number < 20; number++)
        {
            var answers = await Task.WhenAll(first.TriggerAsync($"key-{number}"), second.TriggerAsync($"key-{number}"));
            answers[0].Should().Be(answers[1]);
            ids.Add(answers[0]);
        }

        await using var reader = CreateRunner(Counting);
        await Task.WhenAll(ids.Select(reader.WaitAsync));
        ids.Should().HaveCount(20);
        File.ReadAllLines(_repository["runs"]).Should().BeEquivalentTo(ids.Select(static id => id.Value));
        Directory.EnumerateDirectories(Path.Combine(State, "builds")).Should().HaveCount(20);
    }

    [TimedFact]
    public async Task Another_process_can_cancel_what_runs()
    {
        await using var first = HostProcess.Start(_repository, State, Gated);
        await using var second = HostProcess.Start(_repository, State, Gated);
        var buildId = await first.TriggerAsync();
        await _started.ReadLineAsync();

        await second.AskAsync($"cancel {buildId}");

        await using var reader = CreateRunner(Gated);
        (await reader.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [TimedFact]
    public async Task Another_process_can_cancel_what_waits()
    {
        await using var first = HostProcess.Start(_repository, State, Gated);
        await using var second = HostProcess.Start(_repository, State, Gated);
        await first.TriggerAsync();
        await _started.ReadLineAsync();
        var waiting = await first.TriggerAsync();

        await second.AskAsync($"cancel {waiting}");

        await using var reader = CreateRunner(Gated);
        (await reader.WaitAsync(waiting)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [TimedFact]
    public async Task Another_process_finds_and_reads_a_build_without_running_any()
    {
        await using var first = HostProcess.Start(_repository, State, Gated);
        var running = await first.TriggerAsync();
        var line = await _started.ReadLineAsync();
        var waiting = await first.TriggerAsync("key");

        await using var reader = CreateRunner(Gated);
        var found = await reader.Runner.FindAsync("key");
        var status = (await reader.Runner.StatusAsync(waiting)).Status;
        var log = await reader.ReadLogAsync(waiting);
        await first.KillAsync();

        line.Should().Be($"{first.Id} {running}");
        found.Should().Be(waiting);
        status.Should().Be(BuildStatus.Accepted);
        log.Should().BeEmpty();
        (await reader.Runner.StatusAsync(waiting)).Status.Should().Be(BuildStatus.Accepted);
    }

    [TimedFact]
    public async Task A_host_takes_up_what_is_waiting_when_it_starts_and_gives_back_what_runs_when_it_stops()
    {
        await using var first = CreateRunner(Gated);
        var buildId = await first.TriggerAsync();
        var before = await _started.ReadLineAsync();
        await first.StopAsync();
        var between = await first.Runner.StatusAsync(buildId);
        var accepted = await first.TriggerAsync();

        await using var second = CreateRunner(Gated);
        await second.StartAsync();
        var after = await _started.ReadLineAsync();
        _gate.Release();
        await _started.ReadLineAsync();
        _gate.Release();

        between.Status.Should().Be(BuildStatus.Accepted);
        after.Should().Be(before, "the same process runs the same build");
        (await second.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
        (await second.WaitAsync(accepted)).Status.Should().Be(BuildStatus.Succeeded, "what is triggered on a host that stops is for the next");
    }

    private TestRunner CreateRunner(string[] command) => new(_repository, options =>
    {
        options.StateDirectory = State;
        options.Command = command;
    });
}
