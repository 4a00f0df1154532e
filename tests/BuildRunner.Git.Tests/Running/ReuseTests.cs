using BuildRunner.Git.Engine;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Tests.Running;

/// <summary>A result is reused where, and only where, everything that it is known to depend on is the same.</summary>
[Slow]
public sealed class ReuseTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private string _head = null!;

    // Each run leaves a line.
    private string[] Command => ["sh", "-c", $"echo run >> {_repository["runs"]}; test ! -e broken.txt"];

    private int Runs => File.Exists(_repository["runs"]) ? File.ReadAllLines(_repository["runs"]).Length : 0;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _head = await _repository.CommitAsync("head", ("head.txt", ""));
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task What_has_succeeded_on_the_same_files_is_answered_without_a_run()
    {
        await using var runner = CreateRunner();
        var first = await runner.BuildAsync(_head);

        var second = await runner.BuildAsync(_head);

        Runs.Should().Be(1);
        second.Status.Should().Be(BuildStatus.Succeeded);
        ReusedFrom(second).Should().Be(first.Id.Value);
        second.Commit.Should().Be(first.Commit);
        second.Snapshot.Metadata.ToDictionary().Should().ContainKey(BuildMetadataKeys.DurationMs);
        second.Log.Should().Contain(first.Id.Value);
        ReusedFrom(first).Should().BeNull();
    }

    [TimedFact]
    public async Task A_reused_result_names_the_build_that_has_really_run()
    {
        await using var runner = CreateRunner();
        var first = await runner.BuildAsync(_head);
        await runner.BuildAsync(_head);

        var third = await runner.BuildAsync(_head);

        ReusedFrom(third).Should().Be(first.Id.Value);
    }

    [TimedFact]
    public async Task Another_way_to_the_same_files_counts_as_the_same()
    {
        var same = await _repository.CommitAsync("same", ("head.txt", ""));
        await using var runner = CreateRunner();
        var first = await runner.BuildAsync([_head], []);

        var second = await runner.BuildAsync([], [same, _head]);

        ReusedFrom(second).Should().Be(first.Id.Value);
        second.Commit.Should().NotBe(first.Commit);
        Runs.Should().Be(1);
    }

    [TimedFact]
    public async Task Nothing_is_reused_unless_asked_for()
    {
        await using var runner = CreateRunner(static options => options.ReuseResults = false);
        await runner.BuildAsync(_head);

        var second = await runner.BuildAsync(_head);

        ReusedFrom(second).Should().BeNull();
        Runs.Should().Be(2);
    }

    [TimedFact]
    public async Task A_success_that_was_not_to_be_reused_is_not_reused_later()
    {
        await using (var runner = CreateRunner(static options => options.ReuseResults = false))
        {
            await runner.BuildAsync(_head);
        }

        await using var other = CreateRunner();
        await other.BuildAsync(_head);

        Runs.Should().Be(2);
    }

    [TimedFact]
    public async Task A_failure_is_never_reused()
    {
        var broken = await _repository.CommitAsync("broken", ("broken.txt", ""));
        await using var runner = CreateRunner();
        await runner.BuildAsync(broken);

        var second = await runner.BuildAsync(broken);

        second.FailureKind.Should().Be(BuildFailureKinds.Code);
        ReusedFrom(second).Should().BeNull();
        Runs.Should().Be(2);
    }

    [TimedFact]
    public async Task Other_files_another_command_another_environment_and_another_toolchain_are_run()
    {
        await RunWithAsync(static _ => { });
        await RunWithAsync(static options => options.Command = [.. options.Command, "more"]);
        await RunWithAsync(static options => options.Environment["MORE"] = "1");
        await RunWithAsync(static options => options.Environment["MORE"] = "2");
        await RunWithAsync(static options => options.ToolchainKey = "");
        await RunWithAsync(static options => options.ToolchainKey = "sdk 10");

        Runs.Should().Be(6);
        await RunWithAsync(static options => options.ToolchainKey = "sdk 10");
        Runs.Should().Be(6, "the last of them is known now");

        async Task RunWithAsync(Action<GitBuildRunnerOptions> configure)
        {
            await using var runner = CreateRunner(configure);
            (await runner.BuildAsync(_head)).Status.Should().Be(BuildStatus.Succeeded);
        }
    }

    [TimedFact]
    public async Task Another_process_on_the_state_directory_reuses_it()
    {
        BuildId first;
        await using (var runner = CreateRunner())
        {
            first = (await runner.BuildAsync(_head)).Id;
        }

        await using var other = CreateRunner();
        var second = await other.BuildAsync(_head);

        ReusedFrom(second).Should().Be(first.Value);
        Runs.Should().Be(1);
    }

    [TimedFact]
    public async Task A_result_is_reused_for_as_long_as_its_build_is_kept()
    {
        RecordingTimeProvider clock = new();
        await using var runner = CreateRunner(static options => options.Retention = TimeSpan.FromDays(3), clock);
        await runner.BuildAsync(_head);
        clock.Advance(TimeSpan.FromDays(2));
        await runner.BuildAsync(_head);
        Runs.Should().Be(1);

        clock.Advance(TimeSpan.FromDays(2));
        var later = await runner.BuildAsync(_head);

        ReusedFrom(later).Should().BeNull();
        Runs.Should().Be(2);
        (await runner.BuildAsync(_head)).Snapshot.Metadata[BuildMetadataKeys.ReusedFrom].Should().Be(later.Id.Value);
    }

    [TimedFact]
    public async Task Nothing_is_left_of_the_runs_of_builds_that_are_not_kept()
    {
        RecordingTimeProvider clock = new();
        await using var runner = CreateRunner(static options => options.Retention = TimeSpan.FromDays(3), clock);
        await runner.BuildAsync(_head);
        var successes = Path.Combine(runner.StateDirectory, "successes");
        Directory.EnumerateFiles(successes).Should().ContainSingle();

        clock.Advance(TimeSpan.FromDays(4));
        while (Directory.EnumerateFiles(successes).Any())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    [TimedFact]
    public async Task What_is_written_of_a_run_counts_only_with_the_result_of_its_build()
    {
        await using var runner = CreateRunner();
        var first = await runner.BuildAsync(_head);
        var success = Directory.EnumerateFiles(Path.Combine(runner.StateDirectory, "successes")).Single();
        var broken = await _repository.CommitAsync("broken", ("broken.txt", ""));
        var failed = await runner.BuildAsync(broken);
        var other = await runner.BuildAsync();

        // What a process leaves that dies before the result is there, or that ran the build with other options.
        foreach (var content in new[] { failed.Id.Value, other.Id.Value, BuildIds.IsId(first.Id.Value) ? first.Id.Value[..^1] + (first.Id.Value[^1] == '0' ? '1' : '0') : "", "../" + first.Id, "" })
        {
            var before = Runs;
            await File.WriteAllTextAsync(success, content, TestContext.Current.CancellationToken);

            var build = await runner.BuildAsync(_head);

            (build.Status, ReusedFrom(build), Runs).Should().Be((BuildStatus.Succeeded, null, before + 1), content);
        }
    }

    [TimedFact]
    public async Task A_build_ends_as_it_should_where_its_run_cannot_be_remembered()
    {
        await using var runner = CreateRunner();
        await runner.BuildAsync();
        var successes = Path.Combine(runner.StateDirectory, "successes");
        Directory.Delete(successes, recursive: true);

        var build = await runner.BuildAsync(_head);

        build.Status.Should().Be(BuildStatus.Succeeded);
        Directory.EnumerateFileSystemEntries(Directory.EnumerateDirectories(Path.Combine(runner.StateDirectory, "tmp")).Single()).Should().BeEmpty();
    }

    [Fact]
    public void Texts_that_are_put_together_alike_are_told_apart()
    {
        Dictionary<string, string> nothing = [];
        string[] keys =
        [
            RunKey.Of("tree", ["a", "b"], nothing, null),
            RunKey.Of("tree", ["ab"], nothing, null),
            RunKey.Of("tree", ["a"], new Dictionary<string, string> { ["b"] = "" }, null),
            RunKey.Of("tree", ["a"], new Dictionary<string, string> { [""] = "b" }, null),
            RunKey.Of("tree", ["a"], nothing, "b"),
            RunKey.Of("tree", ["a"], nothing, ""),
            RunKey.Of("tree", ["a"], nothing, null),
            RunKey.Of("treea", [], nothing, null),
        ];

        keys.Should().OnlyHaveUniqueItems();
        RunKey.Of("tree", ["a"], new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" }, null)
            .Should().Be(RunKey.Of("tree", ["a"], new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" }, null));
    }

    private TestRunner CreateRunner(Action<GitBuildRunnerOptions>? configure = null, TimeProvider? timeProvider = null) => new(
        _repository,
        options =>
        {
            options.StateDirectory = _repository["state"];
            options.Command = Command;
            options.ReuseResults = true;
            configure?.Invoke(options);
        },
        timeProvider);

    private static string? ReusedFrom(FinishedBuild build) => build.Snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.ReusedFrom);
}
