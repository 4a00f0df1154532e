using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Git.Tests.Running;

/// <summary>If head fails on a base, the base alone shows which of them is to blame.</summary>
[Slow]
public sealed class AttributionTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private string _good = null!;
    private string _broken = null!;

    // Each run leaves a line that says what files it has seen, and fails where one of them is broken.
    private string[] Command => ["sh", "-c", $"echo *.txt >> {_repository["runs"]}; test ! -e broken.txt"];

    private string[] Runs => File.Exists(_repository["runs"]) ? File.ReadAllLines(_repository["runs"]) : [];

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _good = await _repository.CommitAsync("good", ("good.txt", ""));
        _broken = await _repository.CommitAsync("broken", ("broken.txt", ""));
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task A_head_that_fails_on_a_good_base_is_to_blame()
    {
        await using var runner = CreateRunner();

        var build = await runner.BuildAsync([_good], [_broken]);

        (build.Status, build.FailureKind, build.FailedSide).Should().Be((BuildStatus.Failed, BuildFailureKinds.Code, BuildFailedSides.Head));
        Runs.Should().Equal("broken.txt good.txt target.txt", "good.txt target.txt");
        build.Commit.Should().Be(await _repository.GitAsync("--git-dir=" + Path.Combine(runner.StateDirectory, "repository.git"), "rev-parse", "refs/buildrunner/builds/" + build.Id));
    }

    [TimedFact]
    public async Task A_base_that_fails_alone_is_to_blame()
    {
        await using var runner = CreateRunner();

        var build = await runner.BuildAsync([_broken], [_good]);

        (build.Status, build.FailureKind, build.FailedSide).Should().Be((BuildStatus.Failed, BuildFailureKinds.Code, BuildFailedSides.Base));
        Runs.Should().Equal("broken.txt good.txt target.txt", "broken.txt target.txt");
    }

    [TimedFact]
    public async Task The_base_that_the_target_has_already_is_the_target()
    {
        var target = await _repository.CommitAsync(TestRepository.Main, ("more.txt", ""));
        await using var runner = CreateRunner();

        var build = await runner.BuildAsync([target], [_broken]);

        build.FailedSide.Should().Be(BuildFailedSides.Head);
        Runs.Should().Equal("broken.txt more.txt target.txt", "more.txt target.txt");
    }

    [TimedFact]
    public async Task Without_a_base_there_is_nothing_to_tell_apart()
    {
        await using var runner = CreateRunner();

        var build = await runner.BuildAsync([], [_broken]);

        build.FailedSide.Should().BeNull();
        Runs.Should().ContainSingle();
    }

    [TimedFact]
    public async Task Nothing_is_told_apart_unless_asked_for()
    {
        await using var runner = CreateRunner(static options => options.AttributeFailures = false);

        var build = await runner.BuildAsync([_good], [_broken]);

        build.FailedSide.Should().BeNull();
        Runs.Should().ContainSingle();
    }

    [TimedFact]
    public async Task A_success_needs_no_second_run()
    {
        await using var runner = CreateRunner();

        var build = await runner.BuildAsync([_good], []);

        build.Status.Should().Be(BuildStatus.Succeeded);
        Runs.Should().ContainSingle();
    }

    [TimedFact]
    public async Task A_head_that_changes_nothing_is_not_to_blame()
    {
        await using var runner = CreateRunner();

        var build = await runner.BuildAsync([_broken], [_broken]);

        build.FailedSide.Should().Be(BuildFailedSides.Base);
        Runs.Should().ContainSingle();
    }

    [TimedFact]
    public async Task A_base_that_is_known_to_be_good_is_not_run()
    {
        await using var runner = CreateRunner(static options => options.ReuseResults = true);
        await runner.BuildAsync([], [_good]);

        var build = await runner.BuildAsync([_good], [_broken]);

        build.FailedSide.Should().Be(BuildFailedSides.Head);
        Runs.Should().Equal("good.txt target.txt", "broken.txt good.txt target.txt");
    }

    [TimedFact]
    public async Task A_failed_build_is_not_reused_for_the_base_that_has_succeeded_in_it()
    {
        await using var runner = CreateRunner(static options => options.ReuseResults = true);
        await runner.BuildAsync([_good], [_broken]);

        var build = await runner.BuildAsync([], [_good]);

        build.Snapshot.Metadata.ToDictionary().Should().NotContainKey(BuildMetadataKeys.ReusedFrom);
    }

    [TimedFact]
    public async Task A_base_that_the_machine_cannot_build_leaves_the_side_open()
    {
        await using var runner = CreateRunner(options =>
        {
            // The first run takes away what the second would be checked out from.
            options.StateDirectory = _repository["state"];
            options.Command = ["sh", "-c", $"rm -r {_repository["state"]}/repository.git/objects/??; exit 1"];
        });

        var build = await runner.BuildAsync([_good], [_broken]);

        (build.Status, build.FailureKind, build.FailedSide).Should().Be((BuildStatus.Failed, BuildFailureKinds.Code, null), build.Log);
        build.Commit.Should().NotBeNull();
    }

    [TimedFact]
    public async Task What_the_head_has_shown_stands_where_the_time_is_over_during_the_base()
    {
        FakeTimeProvider clock = new();
        using var started = await Fifo.CreateAsync(_repository["started"]);
        await using var runner = CreateRunner(options => options.Command = ["sh", "-c", $"test ! -e broken.txt || exit 1; echo $$ > {started.Path}; exec sleep 100000"], clock);
        var buildId = await runner.TriggerAsync([_good], [_broken]);
        await started.ReadLineAsync();

        clock.Advance(TimeSpan.FromHours(2));
        var build = await runner.FinishAsync(buildId);

        (build.Status, build.FailureKind, build.FailedSide).Should().Be((BuildStatus.Failed, BuildFailureKinds.Code, null));
        build.Commit.Should().NotBeNull();
    }

    [TimedFact]
    public async Task A_build_is_cancelled_also_while_its_base_is_run()
    {
        using var started = await Fifo.CreateAsync(_repository["started"]);
        await using var runner = CreateRunner(options => options.Command = ["sh", "-c", $"test ! -e broken.txt || exit 1; echo $$ > {started.Path}; exec sleep 100000"]);
        var buildId = await runner.TriggerAsync([_good], [_broken]);
        var process = await started.ReadLineAsync();

        await runner.Runner.CancelAsync(buildId);
        var build = await runner.FinishAsync(buildId);

        build.Status.Should().Be(BuildStatus.Cancelled);
        ProcessTable.IsRunning(process).Should().BeFalse();
    }

    private TestRunner CreateRunner(Action<GitBuildRunnerOptions>? configure = null, TimeProvider? timeProvider = null) => new(
        _repository,
        options =>
        {
            options.Command = Command;
            options.AttributeFailures = true;
            configure?.Invoke(options);
        },
        timeProvider);
}
