namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O03_PollNeverPublishesTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Fact]
    public async Task A_build_is_polled_to_its_end_by_a_process_that_cannot_publish()
    {
        Runner.NextBuild(FakeBuild.WaitsFor(TimeSpan.FromMinutes(5), FakeBuild.Succeeds(after: TimeSpan.FromMinutes(5))));
        var process = await StartAsync();
        process.Hook.OnCallAsync = static call => call.Member == "queue.publish" ? throw new InvalidOperationException("The queue is away.") : Task.CompletedTask;
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());

        await process.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(15));

        (await GetAsync(process, submitted)).Status.Should().Be(BuildStatus.Succeeded);
        Runner.StatusCalls.Count.Should().BeGreaterThan(100);
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_poll_that_finds_nothing_new_writes_nothing()
    {
        var (process, build) = await StartRunningAsync();
        List<string> calls = [];
        process.Hook.OnCallAsync = call =>
        {
            calls.Add(call.Member);
            return Task.CompletedTask;
        };

        await RunForAsync(process, TimeSpan.FromMinutes(1));

        calls.Distinct().Should().BeEquivalentTo("store.read", "runner.status");
        (await GetAsync(process, build)).Should().Be(build);
    }

    [Fact]
    public async Task A_poll_that_was_cut_off_at_any_call_is_delivered_again()
    {
        foreach (var member in new[] { "store.read", "runner.status", "store.update" })
        {
            await using var run = new CutOffRun(Backend, Runner, member);

            (await run.EndAsync()).Should().Be(BuildStatus.Succeeded, member);
        }
    }

    private sealed class CutOffRun(StageBackend backend, FakeBuildRunner runner, string member) : IAsyncDisposable
    {
        private readonly List<StageProcess> _processes = [];

        public async Task<BuildStatus> EndAsync()
        {
            runner.NextBuild(FakeBuild.Succeeds(after: TimeSpan.FromSeconds(30)));
            var first = await StartAsync();
            var submitted = await first.Orchestrator.SubmitAsync(Submissions.Of(key: member));
            await first.StepAsync(TriggerTopic);
            first.Hook.OnCallAsync = call =>
            {
                if (call.Member == member)
                {
                    first.Crash();
                }

                return Task.CompletedTask;
            };
            await first.RunUntilAsync(() => Task.FromResult(first.Hook.IsDead), TimeSpan.FromMinutes(2));
            var second = await StartAsync();
            await second.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(5));
            return (await GetAsync(second, submitted)).Status;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var process in _processes)
            {
                await process.DisposeAsync();
            }
        }

        private async Task<StageProcess> StartAsync()
        {
            var process = await StageProcess.StartAsync(backend, (stage, hook) => stage.AddRunner(hook, runner));
            _processes.Add(process);
            return process;
        }
    }
}
