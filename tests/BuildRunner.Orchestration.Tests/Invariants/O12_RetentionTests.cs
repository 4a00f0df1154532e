using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O12_RetentionTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Safety = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retention = new BuildOrchestrationOptions().Retention;

    [Fact]
    public async Task A_build_that_ended_is_deleted_when_its_retention_is_over_and_not_before()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));
        await RunForAsync(process, TimeSpan.FromMinutes(2));
        await Backend.AdvanceAsync(Retention - TimeSpan.FromMinutes(2));
        await RunRetentionAsync(process);
        var before = await process.Orchestrator.GetAsync(build.Id);

        await Backend.AdvanceAsync(TimeSpan.FromMinutes(2));
        await RunRetentionAsync(process);

        before.Should().NotBeNull();
        (await process.Orchestrator.GetAsync(build.Id)).Should().BeNull();
    }

    [Fact]
    public async Task Its_key_is_free_again()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));
        await RunForAsync(process, TimeSpan.FromMinutes(2));
        await Backend.AdvanceAsync(Retention);
        await RunRetentionAsync(process);

        var again = await process.Orchestrator.SubmitAsync(Submissions.Of(owner: "another"));

        again.Id.Should().NotBe(build.Id);
        (await process.Orchestrator.SignalAsync(build.Runner, build.RemoteId!.Value)).Should().BeFalse();
    }

    [Fact]
    public async Task A_build_that_has_not_ended_is_kept_however_old_it_is()
    {
        var (process, build) = await StartRunningAsync(timeout: TimeSpan.FromDays(365));
        await Backend.AdvanceAsync(2 * Retention);

        await RunRetentionAsync(process);

        (await process.Orchestrator.GetAsync(build.Id)).Should().NotBeNull();
    }

    [Fact]
    public async Task Many_are_deleted_in_small_batches()
    {
        var process = await StartAsync();
        await CreateEndedAsync(450);
        await Backend.AdvanceAsync(Retention);

        var batches = await RunRetentionAsync(process);

        batches.Should().Be(3);
        (await process.Orchestrator.ListAsync()).Builds.Should().BeEmpty();
    }

    [Fact]
    public async Task A_batch_is_no_larger_than_is_said()
    {
        await CreateEndedAsync(5);
        await Backend.AdvanceAsync(Retention);
        var (_, store) = await OpenAsync();

        var deleted = new[]
        {
            await store.DeleteEndedAsync(Retention, 2, CancellationToken.None),
            await store.DeleteEndedAsync(Retention, 2, CancellationToken.None),
            await store.DeleteEndedAsync(Retention, 2, CancellationToken.None),
        };

        deleted.Should().Equal(2, 2, 1);
    }

    [Fact]
    public async Task A_round_that_fails_is_made_up_for_by_the_next()
    {
        var process = await StartAsync();
        await CreateEndedAsync(1);
        await Backend.AdvanceAsync(Retention);
        var rounds = 0;
        TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Hook.OnCallAsync = call =>
        {
            if (call == new StageCall("store.delete", IsDone: false) && ++rounds == 1)
            {
                failed.SetResult();
                throw new InvalidOperationException("The database is away.");
            }

            if (call == new StageCall("store.delete", IsDone: true))
            {
                deleted.TrySetResult();
            }

            return Task.CompletedTask;
        };
        using var retention = ActivatorUtilities.CreateInstance<BuildRetention>(process.Services);
        await retention.StartAsync(CancellationToken.None);
        await failed.Task.WaitAsync(Safety);

        for (var hour = 0; hour < 1000 && !deleted.Task.IsCompleted; hour++)
        {
            await Backend.AdvanceAsync(TimeSpan.FromHours(1));
            await Task.Yield();
        }

        await deleted.Task.WaitAsync(Safety);

        (await process.Orchestrator.ListAsync()).Builds.Should().BeEmpty();
        await retention.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Messages_of_a_build_that_was_deleted_are_done()
    {
        var process = await StartAsync();
        var id = Guid.CreateVersion7().ToString();
        var (engine, _) = await OpenAsync();
        await engine.PublishAsync([.. process.Topics.Where(topic => !Topic.IsForDeadLetters(topic)).Select(topic => new OutgoingMessage(topic, new Message { PartitionKey = id, Id = id }))], CancellationToken.None);

        var (count, _) = await process.StepAsync();

        count.Should().Be(6);
        (await process.StepAsync()).Should().Be((0, null));
        Observer.Seen.Should().BeEmpty();
    }

    // Its first round, which it makes as soon as it starts.
    private static async Task<int> RunRetentionAsync(StageProcess process)
    {
        var batches = 0;
        var before = 0;
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Hook.OnCallAsync = async call =>
        {
            if (call.Member != "store.delete")
            {
                return;
            }

            var count = (await process.Orchestrator.ListAsync(new BuildQuery { Limit = BuildQuery.MaxLimit })).Builds.Count;
            if (!call.IsDone)
            {
                before = count;
                batches++;
            }
            else if (before - count < 200)
            {
                over.SetResult();
            }
        };
        using var retention = ActivatorUtilities.CreateInstance<BuildRetention>(process.Services);
        await retention.StartAsync(CancellationToken.None);
        await over.Task.WaitAsync(Safety);
        await retention.StopAsync(CancellationToken.None);
        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        return batches;
    }

    private async Task CreateEndedAsync(int count)
    {
        var (_, store) = await OpenAsync();
        for (var number = 0; number < count; number++)
        {
            var now = (await store.ReadAsync(Guid.Empty, CancellationToken.None)).Now;
            var id = Guid.CreateVersion7(now);
            Build build = new()
            {
                Id = id,
                Key = $"ended-{number}",
                OwnerId = "queue-1",
                Runner = StageBuilderExtensions.Ci,
                Request = new BuildRequest { TriggerKey = id.ToString() },
                Status = BuildStatus.Succeeded,
                CreatedAt = now,
                UpdatedAt = now,
                EndedAt = now,
                Deadline = now.AddHours(6),
            };
            (await store.TryCreateAsync(build, [], CancellationToken.None)).Should().BeTrue();
        }
    }
}
