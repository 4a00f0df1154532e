using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Git.Tests.Registration;

[Slow]
public sealed class DisposalTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private Fifo _started = null!;
    private Fifo _never = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _started = await Fifo.CreateAsync(_repository["started"]);
        _never = await Fifo.CreateAsync(_repository["never"]);
    }

    public ValueTask DisposeAsync()
    {
        _started.Dispose();
        _never.Dispose();
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_stops_what_runs_leaves_no_process_and_lets_others_run_it(bool synchronously)
    {
        var provider = CreateProvider();
        var runner = provider.GetRequiredService<IBuildRunner>();
        var running = await runner.TriggerAsync([], []);
        var queued = await runner.TriggerAsync([], []);
        var process = await _started.ReadLineAsync();

        await DisposeAsync(provider, synchronously);

        ProcessTable.IsRunning(process).Should().BeFalse();
        (await runner.StatusAsync(running)).Status.Should().Be(BuildStatus.Accepted);
        (await runner.StatusAsync(queued)).Status.Should().Be(BuildStatus.Accepted);
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_it_nothing_can_be_triggered(bool synchronously)
    {
        var provider = CreateProvider();
        var runner = provider.GetRequiredService<IBuildRunner>();
        await runner.TriggerAsync([], []);

        await DisposeAsync(provider, synchronously);

        var trigger = () => runner.TriggerAsync([], []);
        await trigger.Should().ThrowAsync<ObjectDisposedException>();
    }

    [TimedFact]
    public async Task A_runner_that_was_never_used_can_be_disposed_of()
    {
        var provider = CreateProvider();
        var runner = provider.GetRequiredService<IBuildRunner>();

        await provider.DisposeAsync();

        var trigger = () => runner.TriggerAsync([], []);
        await trigger.Should().ThrowAsync<ObjectDisposedException>();
        Directory.Exists(_repository["state"]).Should().BeFalse();
    }

    [TimedFact]
    public async Task Triggers_that_are_under_way_meanwhile_end_one_way_or_the_other()
    {
        var provider = CreateProvider();
        var runner = provider.GetRequiredService<IBuildRunner>();
        await runner.TriggerAsync([], []);
        var process = await _started.ReadLineAsync();

        var triggers = Enumerable.Range(0, 10).Select(_ => Task.Run(() => runner.TriggerAsync([], []))).ToArray();
        await provider.DisposeAsync();
        var ended = await Task.WhenAll(triggers.Select(static trigger => trigger.ContinueWith(static task => task, TaskScheduler.Default).Unwrap().ContinueWith(static task => task, TaskScheduler.Default)));

        ProcessTable.IsRunning(process).Should().BeFalse();
        ended.Where(static task => task.IsFaulted).Select(static task => task.Exception!.InnerException).Should().AllBeAssignableTo<ObjectDisposedException>();
        ended.Where(static task => task.IsCanceled).Should().BeEmpty("nobody has cancelled them");
        foreach (var task in ended.Where(static task => task.IsCompletedSuccessfully))
        {
            (await runner.StatusAsync(await task)).Status.Should().Be(BuildStatus.Accepted);
        }
    }

    [TimedFact]
    public async Task What_was_stopped_is_cancelled_at_once_where_nobody_runs_it()
    {
        var provider = CreateProvider();
        var runner = provider.GetRequiredService<IBuildRunner>();
        var buildId = await runner.TriggerAsync([], []);
        await _started.ReadLineAsync();
        await provider.DisposeAsync();

        await using var other = CreateProvider();
        await other.GetRequiredService<IBuildRunner>().CancelAsync(buildId);

        (await runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    private static async Task DisposeAsync(ServiceProvider provider, bool synchronously)
    {
        if (synchronously)
        {
            await Task.Run(provider.Dispose);
        }
        else
        {
            await provider.DisposeAsync();
        }
    }

    private ServiceProvider CreateProvider() => new ServiceCollection()
        .AddGitBuildRunner(options =>
        {
            options.Repository = _repository.Path;
            options.TargetBranch = TestRepository.Main;
            options.Command = ["sh", "-c", $"setsid sh -c 'echo $$ > {_started.Path}; read x < {_never.Path}' & read x < {_never.Path}"];
            options.StateDirectory = _repository["state"];
        })
        .BuildServiceProvider();
}
