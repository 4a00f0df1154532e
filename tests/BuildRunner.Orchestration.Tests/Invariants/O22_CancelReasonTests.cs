namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O22_CancelReasonTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private const string Reason = "anna: the branch was deleted";

    [Fact]
    public async Task A_cancelled_build_says_who_cancelled_it_and_why()
    {
        var (process, build) = await StartRunningAsync();

        await process.Orchestrator.CancelAsync(build.Id, Reason);
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        var ended = await GetAsync(process, build);
        (ended.Status, ended.CancelCause, ended.CancelReason).Should().Be((BuildStatus.Cancelled, BuildCancelCause.Caller, Reason));
        ended.Note.Should().Contain(Reason);
    }

    [Fact]
    public async Task The_first_reason_stays()
    {
        var (process, build) = await StartRunningAsync();

        await process.Orchestrator.CancelAsync(build.Id, Reason);
        await process.Orchestrator.CancelAsync(build.Id, "another");

        (await GetAsync(process, build)).CancelReason.Should().Be(Reason);
    }

    [Fact]
    public async Task A_build_that_ended_otherwise_has_no_reason()
    {
        var (process, build) = await StartRunningAsync(timeout: TimeSpan.FromMinutes(5));

        await RunForAsync(process, TimeSpan.FromMinutes(10));
        await process.Orchestrator.CancelAsync(build.Id, Reason);

        var ended = await GetAsync(process, build);
        (ended.Status, ended.CancelCause, ended.CancelReason).Should().Be((BuildStatus.Failed, BuildCancelCause.Deadline, null));
    }

    [Fact]
    public async Task A_reason_that_is_too_long_is_refused()
    {
        var (process, build) = await StartRunningAsync();

        await process.Invoking(it => it.Orchestrator.CancelAsync(build.Id, new string('a', 1001))).Should().ThrowAsync<ArgumentException>();

        (await process.Orchestrator.CancelAsync(build.Id, new string('a', 1000)))!.CancelReason.Should().HaveLength(1000);
    }
}
