namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O04_WakeIdentityTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Fact]
    public async Task Each_change_wakes_the_owner_although_earlier_wakes_were_not_taken_yet()
    {
        var (process, build) = await StartHoldingBackAsync(owner => owner.Fails = true);
        await RunForAsync(process, TimeSpan.FromSeconds(4));
        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Succeeded);

        Owner.Of(process).Fails = false;
        await RunForAsync(process, TimeSpan.FromMinutes(10));

        Owner.Of(process).Woken.Should().Be(3, "it was accepted, has run and has succeeded");
    }

    [Fact]
    public async Task A_wake_that_failed_comes_again()
    {
        var (process, build) = await StartHoldingBackAsync(owner => owner.Fails = true);
        await process.StepAsync(BuildTopics.Change);

        Owner.Of(process).Fails = false;
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        Owner.Of(process).LastSeen.Should().Be(await GetAsync(process, build));
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_failing_observer_delays_no_build()
    {
        var (process, build) = await StartHoldingBackAsync(owner => owner.Fails = true);

        await RunForAsync(process, TimeSpan.FromMinutes(30));

        var ended = await GetAsync(process, build);
        ended.Status.Should().Be(BuildStatus.Succeeded);
        (ended.UpdatedAt - ended.CreatedAt).Should().BeLessThan(TimeSpan.FromSeconds(20));
        (await CountDeadLettersAsync(BuildTopics.Change)).Should().Be(3, "they are kept for people");
    }

    [Fact]
    public async Task Two_observers_are_told_in_their_order()
    {
        List<string> told = [];
        var process = await StartAsync((stage, hook) =>
        {
            stage.Services.AddSingleton(told);
            stage.AddRunner(hook, Runner).AddObserver<First>().AddObserver<Second>();
        });
        await process.Orchestrator.SubmitAsync(Submissions.Of());

        await process.DrainAsync();

        told.Should().StartWith(["first", "second"]).And.HaveCount(4);
    }

    private async Task<(StageProcess Process, Build Build)> StartHoldingBackAsync(Action<Owner> configure)
    {
        Runner.NextBuild(FakeBuild.Succeeds(after: TimeSpan.FromSeconds(1)));
        var process = await StartAsync((stage, hook) =>
        {
            Owner owner = new();
            configure(owner);
            stage.Services.AddSingleton(owner);
            stage.AddRunner(hook, Runner).AddObserver<Owner>();
        });
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await process.StepAsync(TriggerTopic);
        await process.StepAsync(SignalTopic);
        return (process, submitted);
    }

    private sealed class Owner : IBuildObserver
    {
        public bool Fails { get; set; }

        public int Woken { get; private set; }

        public Build? LastSeen { get; private set; }

        public static Owner Of(StageProcess process) => process.Services.GetRequiredService<Owner>();

        public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
        {
            if (Fails)
            {
                throw new InvalidOperationException("The owner is away.");
            }

            Woken++;
            LastSeen = build;
            return Task.CompletedTask;
        }
    }

    private sealed class First(List<string> told) : IBuildObserver
    {
        public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
        {
            told.Add("first");
            return Task.CompletedTask;
        }
    }

    private sealed class Second(List<string> told) : IBuildObserver
    {
        public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
        {
            told.Add("second");
            return Task.CompletedTask;
        }
    }
}
