using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Tests.Logs;

/// <summary>The files with which a build has filled the disk are gone when the next one needs the space.</summary>
[Slow]
public sealed class FilledDiskTests : IAsyncLifetime
{
    private const string Fill = "head -c 100000000 /dev/zero 2> /dev/null > filling";
    private const string FillByNumber = "i=0; while : > file-$i; do i=$((i+1)); done";

    private const int Conflicts = 400;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(800);

    private TestRepository _repository = null!;
    private SmallDisk _disk = null!;
    private string _full = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _disk = await SmallDisk.MountAsync(_repository["disk"], inodes: 2000);
        _full = await _repository.CommitAsync("full", ("full", ""));
    }

    public async ValueTask DisposeAsync()
    {
        await _disk.DisposeAsync();
        _repository.Dispose();
    }

    [TimedTheory]
    [InlineData(Fill + "; exit 1", BuildFailureKinds.Code)]
    [InlineData(Fill + "; exit 0", null)]
    [InlineData(Fill + "; head -c 1000 /dev/zero", BuildFailureKinds.Infra)]
    [InlineData(FillByNumber + "; exit 1", BuildFailureKinds.Code)]
    public async Task A_build_that_has_filled_the_disk_leaves_room_for_the_next(string script, string? failureKind)
    {
        await using var runner = CreateRunner(script);

        var filling = await runner.BuildAsync(_full);
        var next = await runner.BuildAsync();

        filling.FailureKind.Should().Be(failureKind);
        next.Status.Should().Be(BuildStatus.Succeeded, next.Log);
    }

    [TimedFact]
    public async Task A_build_that_has_filled_the_disk_and_is_cancelled_leaves_room_for_the_next()
    {
        using var started = await Fifo.CreateAsync(_repository["started"]);
        await using var runner = CreateRunner($"{Fill}; echo > {started.Path}; exec sleep 100000");
        var filling = await runner.TriggerAsync(_full);
        await started.ReadLineAsync();

        await runner.Runner.CancelAsync(filling);
        await runner.WaitAsync(filling);
        var next = await runner.BuildAsync();

        next.Status.Should().Be(BuildStatus.Succeeded, next.Log);
    }

    [TimedTheory]
    [InlineData(Fill)]
    [InlineData(FillByNumber)]
    public async Task A_process_that_finds_the_disk_filled_by_a_build_makes_room(string script)
    {
        await using (var first = CreateRunner("true"))
        {
            await first.BuildAsync();
        }

        // As after the loss of power.
        await _repository.ShellAsync($"cd '{_disk.Path}/state/work/1/tree'; ({script}) 2> /dev/null || true");
        await using var second = CreateRunner("true");

        var build = await second.BuildAsync();

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
    }

    [TimedFact]
    public async Task A_build_that_waits_for_room_for_its_end_gets_it_from_the_work_trees_that_nobody_uses()
    {
        var conflicting = await CommitConflictsAsync();
        await using var runner = CreateRunner(step =>
        {
            if (step == Step.SlotReleased)
            {
                _repository.ShellAsync($"mkdir -p '{_disk.Path}/state/work/1/tree'; cd '{_disk.Path}/state/work/1/tree'; {Fill} || true").GetAwaiter().GetResult();
            }
        });

        var build = await runner.BuildAsync(conflicting);

        build.FailureKind.Should().Be(BuildFailureKinds.Conflict);
        build.ConflictPaths!.Split('\n').Should().HaveCount(Conflicts);
    }

    [TimedFact]
    public async Task A_build_that_waits_for_room_for_its_end_says_so_once_and_ends_when_there_is_room()
    {
        RecordingTimeProvider clock = new();
        using RecordingLoggers loggers = new();
        var conflicting = await CommitConflictsAsync();
        string? full = null;
        await using var runner = CreateRunner(step => full = step == Step.SlotReleased ? _disk.Fill() : full, clock, loggers);
        var buildId = await runner.TriggerAsync(conflicting);

        // The first is that of the timer by which builds are looked for.
        await clock.WaitForTimerAsync(FirstDelay);
        await clock.WaitForTimerAsync(FirstDelay);
        clock.Advance(FirstDelay);
        await clock.WaitForTimerAsync(FirstDelay * 2);
        clock.Advance(FirstDelay * 2);
        await clock.WaitForTimerAsync(FirstDelay * 4);
        var waiting = await runner.Runner.StatusAsync(buildId);

        // The loop that looks for builds complains as well, in its own time.
        while (Complaints().Count < 2)
        {
            await Task.Yield();
        }

        File.Delete(full!);
        clock.Advance(FirstDelay * 4);
        var build = await runner.FinishAsync(buildId);
        var complaints = Complaints();

        complaints.Should().OnlyHaveUniqueItems().And.HaveCount(2);
        waiting.Metadata.ToDictionary().Should().ContainKey(BuildMetadataKeys.NativeState);
        build.FailureKind.Should().Be(BuildFailureKinds.Conflict);
        build.Snapshot.Metadata.ToDictionary().Should().NotContainKey(BuildMetadataKeys.NativeState);

        List<(LogLevel Level, string? Name)> Complaints() => [.. loggers.Entries.Where(static entry => entry.Level >= LogLevel.Warning)];
    }

    // More paths than fit into what is kept for the result.
    private async Task<string> CommitConflictsAsync()
    {
        string[] names = [.. Enumerable.Range(0, Conflicts).Select(static number => $"{new string('x', 100)}{number}")];
        var conflicting = await _repository.CommitAsync("conflicting", [.. names.Select(static name => (name, (string?)"of head\n"))]);
        await _repository.CommitAsync(TestRepository.Main, [.. names.Select(static name => (name, (string?)"of main\n"))]);
        return conflicting;
    }

    private TestRunner CreateRunner(StepReached reached, TimeProvider? clock = null, ILoggerFactory? loggers = null) =>
        new(_repository, options => options.StateDirectory = Path.Combine(_disk.Path, "state"), clock, reached, loggers);

    private TestRunner CreateRunner(string script) => new(_repository, options =>
    {
        options.StateDirectory = Path.Combine(_disk.Path, "state");
        options.Command = ["sh", "-c", $"test ! -e full || {{ {script}\n}}"];
    });
}
