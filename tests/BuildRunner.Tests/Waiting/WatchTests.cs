namespace BuildRunner.Tests.Waiting;

public sealed class WatchTests
{
    private readonly RecordingTimeProvider _clock = new();

    private BuildWaitOptions Options => new() { TimeProvider = _clock };

    [Fact]
    public async Task Nothing_is_asked_before_the_enumeration()
    {
        var runner = new ScriptedBuildRunner(Answer.Succeeded);

        var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options);

        runner.Asked.Should().Be(0);
        (await watch.ToListAsync()).Should().ContainSingle();
    }

    [Fact]
    public async Task Each_new_status_is_shown_once_and_the_terminal_one_last()
    {
        var snapshots = await WatchAsync(
            new() { Status = BuildStatus.Accepted },
            new() { Status = BuildStatus.Accepted },
            new() { Status = BuildStatus.Running },
            new() { Status = BuildStatus.Running },
            new() { Status = BuildStatus.Running },
            new() { Status = BuildStatus.Failed });

        snapshots.Select(snapshot => snapshot.Status).Should().Equal(BuildStatus.Accepted, BuildStatus.Running, BuildStatus.Failed);
    }

    [Fact]
    public async Task A_status_that_comes_back_is_shown_again()
    {
        var snapshots = await WatchAsync(
            new() { Status = BuildStatus.Running },
            new() { Status = BuildStatus.Accepted },
            new() { Status = BuildStatus.Running },
            new() { Status = BuildStatus.Unknown },
            new() { Status = BuildStatus.Cancelled });

        snapshots.Select(snapshot => snapshot.Status).Should().Equal(
            BuildStatus.Running, BuildStatus.Accepted, BuildStatus.Running, BuildStatus.Unknown, BuildStatus.Cancelled);
    }

    [Fact]
    public async Task New_metadata_is_shown()
    {
        var snapshots = await WatchAsync(
            new() { Status = BuildStatus.Running },
            new() { Status = BuildStatus.Running, Metadata = [new("attempt", "1")] },
            new() { Status = BuildStatus.Running, Metadata = [new("attempt", "1")] },
            new() { Status = BuildStatus.Running, Metadata = [new("attempt", "2")] },
            new() { Status = BuildStatus.Running },
            new() { Status = BuildStatus.Succeeded });

        snapshots.Select(snapshot => snapshot.Metadata.GetValueOrDefault("attempt")).Should().Equal(null, "1", "2", null, null);
    }

    [Fact]
    public async Task Another_hint_alone_is_not_shown()
    {
        var first = new BuildSnapshot { Status = BuildStatus.Running, PollAfter = TimeSpan.FromSeconds(1) };

        var snapshots = await WatchAsync(
            first,
            first with { PollAfter = TimeSpan.FromSeconds(2) },
            first with { PollAfter = null },
            new() { Status = BuildStatus.Succeeded });

        snapshots.Should().HaveCount(2);
        snapshots[0].Should().BeSameAs(first);
    }

    [Theory]
    [InlineData(BuildStatus.Succeeded)]
    [InlineData(BuildStatus.Failed)]
    [InlineData(BuildStatus.Cancelled)]
    public async Task The_first_terminal_snapshot_ends_it(BuildStatus status)
    {
        var runner = new ScriptedBuildRunner(Answer.Of(status), Answer.Running);

        var snapshots = await runner.WatchAsync(ScriptedBuildRunner.Build, Options).ToListAsync();

        snapshots.Should().ContainSingle().Which.Status.Should().Be(status);
        runner.Asked.Should().Be(1);
    }

    [Fact]
    public async Task Each_enumeration_is_a_wait_of_its_own()
    {
        var timeout = TimeSpan.FromSeconds(10);
        var runner = new ScriptedBuildRunner(Answer.Of(BuildStatus.Running, timeout / 2), Answer.Succeeded, Answer.Of(BuildStatus.Running, timeout / 2), Answer.Succeeded);
        var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options with { Timeout = timeout });

        foreach (var enumeration in new[] { watch, watch })
        {
            var snapshots = enumeration.ToListAsync().AsTask();
            (await _clock.NextTimerAsync(snapshots)).Should().Be(timeout);
            await _clock.PassDelayAsync(snapshots);

            (await snapshots).Select(snapshot => snapshot.Status).Should().Equal(BuildStatus.Running, BuildStatus.Succeeded);
        }

        runner.Asked.Should().Be(4);
    }

    [Fact]
    public async Task Two_enumerations_side_by_side_do_not_share_what_was_seen()
    {
        var runner = new ScriptedBuildRunner(Answer.Running, Answer.Running);
        var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options);
        await using var one = watch.GetAsyncEnumerator();
        await using var other = watch.GetAsyncEnumerator();

        (await one.MoveNextAsync()).Should().BeTrue();
        (await other.MoveNextAsync()).Should().BeTrue();

        runner.Asked.Should().Be(2);
    }

    [Fact]
    public async Task Nothing_is_asked_while_the_consumer_takes_its_time()
    {
        var runner = new ScriptedBuildRunner(Answer.Running, Answer.Succeeded);
        await using var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options).GetAsyncEnumerator();
        await watch.MoveNextAsync();

        _clock.Advance(TimeSpan.FromHours(1));

        (runner.Asked, _clock.LiveTimers).Should().Be((1, 0));
    }

    private async Task<IReadOnlyList<BuildSnapshot>> WatchAsync(params BuildSnapshot[] answers)
    {
        var runner = new ScriptedBuildRunner(answers.Select(Answer.Of));
        var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options).ToListAsync().AsTask();
        await _clock.PassDelaysAsync(answers.Length - 1, watch);
        var shown = await watch;
        runner.Asked.Should().Be(answers.Length);
        return shown;
    }
}
