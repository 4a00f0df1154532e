namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O06_MissingBuildTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Fact]
    public async Task A_build_that_is_missing_for_less_than_the_grace_goes_on()
    {
        var (process, build) = await StartRunningAsync();
        Miss(process);

        await RunForAsync(process, TimeSpan.FromSeconds(50));
        var missing = await GetAsync(process, build);
        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        await RunForAsync(process, TimeSpan.FromSeconds(5));

        missing.Should().Match<Build>(seen => seen.Status == BuildStatus.Running && seen.Bookkeeping.MissingSince != null);
        (await GetAsync(process, build)).Should().Match<Build>(seen => seen.Status == BuildStatus.Running && seen.Bookkeeping.MissingSince == null);
    }

    [Fact]
    public async Task A_build_that_is_missing_for_the_grace_has_failed()
    {
        var (process, build) = await StartRunningAsync();
        Miss(process);

        await RunForAsync(process, TimeSpan.FromSeconds(70));

        KindOf(await GetAsync(process, build)).Should().Be(BuildFailureKinds.Infra);
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_build_that_is_seen_between_two_times_that_it_is_missing_is_not_believed_to_be()
    {
        var (process, build) = await StartRunningAsync();
        for (var time = 0; time < 3; time++)
        {
            Miss(process);
            await RunForAsync(process, TimeSpan.FromSeconds(45));
            process.Hook.OnCallAsync = static _ => Task.CompletedTask;
            await RunForAsync(process, TimeSpan.FromSeconds(5));
        }

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Running);
    }

    private static void Miss(StageProcess process) =>
        process.Hook.OnCallAsync = static call => call.Member == "runner.status" ? throw new BuildNotFoundException("No such build.") : Task.CompletedTask;
}
