using System.Collections.Concurrent;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Tests.Running;

[Slow]
public sealed class ConcurrencyTests
{
    [TimedFact]
    public async Task Two_builds_run_at_once_where_two_may()
    {
        using var repository = await TestRepository.CreateAsync();
        await Fifo.MakeAsync(repository["first"]);
        await Fifo.MakeAsync(repository["second"]);
        var one = await repository.CommitAsync("one", ("build.sh", $"echo one > {repository["first"]}; read x < {repository["second"]}; echo $x; ls"), ("one.txt", ""));
        var two = await repository.CommitAsync("two", ("build.sh", $"read x < {repository["first"]}; echo two > {repository["second"]}; echo $x; ls"), ("two.txt", ""));
        await using var runner = new TestRunner(repository, static options =>
        {
            options.Command = ["sh", "build.sh"];
            options.Concurrency = 2;
        });

        var ids = await Task.WhenAll(runner.TriggerAsync(one), runner.TriggerAsync(two));
        var builds = await Task.WhenAll(ids.Select(runner.FinishAsync));

        builds[0].Lines.Should().Equal("two", "build.sh", "one.txt", "target.txt");
        builds[1].Lines.Should().Equal("one", "build.sh", "target.txt", "two.txt");
    }

    [TimedFact]
    public async Task Never_more_run_than_may()
    {
        using var repository = await TestRepository.CreateAsync();
        ConcurrentQueue<int> counts = new();
        var running = 0;
        await using TestRunner runner = new(
            repository,
            static options => options.Concurrency = 2,
            reached: step =>
            {
                if (step == Step.SlotClaimed)
                {
                    counts.Enqueue(Interlocked.Increment(ref running));
                }
                else if (step == Step.CommandEnded)
                {
                    Interlocked.Decrement(ref running);
                }
            });

        var ids = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => runner.TriggerAsync()));
        foreach (var id in ids)
        {
            await runner.WaitAsync(id);
        }

        counts.Should().HaveCount(12).And.OnlyContain(static count => count <= 2);
    }

    [TimedFact]
    public async Task Builds_run_one_after_the_other_in_the_order_of_their_triggers_where_one_may()
    {
        using var repository = await TestRepository.CreateAsync();
        using var started = await Fifo.CreateAsync(repository["started"]);
        using var gate = await Fifo.CreateAsync(repository["gate"]);
        await using var runner = new TestRunner(repository, options => options.Command =
            ["sh", "-c", $"echo $BUILDRUNNER_BUILD_ID > {started.Path}; read x < {gate.Path}"]);
        List<BuildId> ids = [];
        for (var number = 0; number < 6; number++)
        {
            ids.Add(await runner.TriggerAsync());
        }

        foreach (var (number, id) in ids.Index())
        {
            var running = await started.ReadLineAsync();
            var waiting = await Task.WhenAll(ids.Skip(number + 1).Select(later => runner.Runner.StatusAsync(later)));

            running.Should().Be(id.Value);
            waiting.Should().NotContain(static snapshot => snapshot.Status != BuildStatus.Accepted);
            gate.Release();
            await runner.WaitAsync(id);
        }
    }

    [TimedFact]
    public async Task A_third_build_waits_where_two_may_run()
    {
        using var repository = await TestRepository.CreateAsync();
        using var started = await Fifo.CreateAsync(repository["started"]);
        using var gate = await Fifo.CreateAsync(repository["gate"]);
        await using var runner = new TestRunner(repository, options =>
        {
            options.Command = ["sh", "-c", $"echo $BUILDRUNNER_BUILD_ID > {started.Path}; read x < {gate.Path}"];
            options.Concurrency = 2;
        });

        BuildId[] ids = [await runner.TriggerAsync(), await runner.TriggerAsync(), await runner.TriggerAsync()];
        string[] running = [await started.ReadLineAsync(), await started.ReadLineAsync()];
        var third = await runner.Runner.StatusAsync(ids[2]);
        gate.Release();
        var next = await started.ReadLineAsync();
        gate.Release();
        gate.Release();

        running.Should().BeEquivalentTo(ids[0].Value, ids[1].Value);
        third.Status.Should().Be(BuildStatus.Accepted);
        next.Should().Be(ids[2].Value);
    }
}
