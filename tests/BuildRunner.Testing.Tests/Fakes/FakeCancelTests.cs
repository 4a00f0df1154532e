namespace BuildRunner.Testing.Tests;

/// <summary>The effects of a cancel, and of moving a build by hand.</summary>
public sealed class FakeCancelTests : FakeTestBase
{
    [Fact]
    public async Task A_running_build_is_cancelled_at_once()
    {
        var buildId = await TriggerAsync(FakeBuild.Fails(after: Minute));

        await Runner.CancelAsync(buildId);

        (await StatusesAsync(buildId, TimeSpan.Zero, Minute)).Should().Equal(BuildStatus.Cancelled, BuildStatus.Cancelled);
        (await Runner.StatusAsync(buildId)).Metadata.Should().Be(BuildMetadata.Empty, "what the script says of its end is not what happened");
    }

    [Fact]
    public async Task A_build_goes_on_for_a_while_after_a_cancel()
    {
        var buildId = await TriggerAsync(FakeBuild.WaitsFor(2 * Minute, FakeBuild.RunsUntilCancelled()) with { IgnoresCancelFor = 3 * Minute });

        await Runner.CancelAsync(buildId);

        var statuses = await StatusesAsync(buildId, TimeSpan.Zero, 2 * Minute, 3 * Minute - Tick, 3 * Minute);
        statuses.Should().Equal(BuildStatus.Accepted, BuildStatus.Running, BuildStatus.Running, BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_build_may_end_before_it_has_heard_the_cancel()
    {
        var buildId = await TriggerAsync(FakeBuild.Succeeds(after: Minute) with { IgnoresCancelFor = 2 * Minute });

        await Runner.CancelAsync(buildId);

        (await StatusesAsync(buildId, Minute, 2 * Minute, 3 * Minute)).Should().OnlyContain(status => status == BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_build_may_never_listen()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });

        await Runner.CancelAsync(buildId);

        (await StatusesAsync(buildId, TimeSpan.Zero, TimeSpan.FromDays(1000))).Should().Equal(BuildStatus.Running, BuildStatus.Running);
    }

    [Fact]
    public async Task The_second_cancel_does_not_give_it_more_time()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = 2 * Minute });
        await Runner.CancelAsync(buildId);
        Clock.Advance(Minute);

        await Runner.CancelAsync(buildId);

        (await StatusesAsync(buildId, Minute - Tick, Minute)).Should().Equal(BuildStatus.Running, BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_cancel_changes_nothing_after_the_end()
    {
        var buildId = await TriggerAsync(FakeBuild.Fails(after: Minute));
        Clock.Advance(Minute);
        var ended = await Runner.StatusAsync(buildId);

        await Runner.CancelAsync(buildId);

        (await Runner.StatusAsync(buildId)).Should().Be(ended);
    }

    [Theory]
    [InlineData(BuildStatus.Unknown)]
    [InlineData(BuildStatus.Accepted)]
    [InlineData(BuildStatus.Failed)]
    public async Task A_build_is_moved_out_of_its_script(BuildStatus status)
    {
        Runner.NextBuild(FakeBuild.Succeeds(after: Minute) with { PollAfter = Minute });
        var buildId = await Runner.TriggerAsync([], [], [new("queue", "main"), new("attempt", "0")]);

        Runner.MoveTo(buildId, status, [new("attempt", "2")]);

        Clock.Advance(2 * Minute);
        (await Runner.StatusAsync(buildId)).Should().Be(new BuildSnapshot
        {
            Status = status,
            Metadata = [new("queue", "main"), new("attempt", "2")],
            PollAfter = status == BuildStatus.Failed ? null : Minute,
        });
    }

    [Fact]
    public async Task A_build_is_moved_again_and_again_until_it_has_ended()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());
        Runner.MoveTo(buildId, BuildStatus.Accepted);
        Runner.MoveTo(buildId, BuildStatus.Succeeded);

        Action act = () => Runner.MoveTo(buildId, BuildStatus.Running);

        act.Should().ThrowExactly<InvalidOperationException>();
        (await StatusAsync(buildId)).Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_build_that_was_moved_is_cancelled_all_the_same()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Minute });
        Runner.MoveTo(buildId, BuildStatus.Unknown);

        await Runner.CancelAsync(buildId);

        (await StatusesAsync(buildId, Minute - Tick, Minute)).Should().Equal(BuildStatus.Unknown, BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_build_that_was_moved_to_its_end_is_not_cancelled()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());
        Runner.MoveTo(buildId, BuildStatus.Failed);

        await Runner.CancelAsync(buildId);

        (await StatusAsync(buildId)).Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task A_build_that_was_cancelled_is_not_moved()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());
        await Runner.CancelAsync(buildId);

        Action act = () => Runner.MoveTo(buildId, BuildStatus.Running);

        act.Should().ThrowExactly<InvalidOperationException>();
    }

    [Fact]
    public void A_build_that_is_not_there_is_not_moved()
    {
        Action act = () => Runner.MoveTo(new BuildId("fake-1"), BuildStatus.Running);

        act.Should().Throw<BuildNotFoundException>();
    }
}
