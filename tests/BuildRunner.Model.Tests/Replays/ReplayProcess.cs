using BuildRunner.Model.Builds;
using BuildRunner.Orchestration;
using BuildRunner.Orchestration.Tests.Stage;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Topic = BuildRunner.Model.Builds.Topic;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The real handlers on the queue and the store in memory, which make the steps of the model.</summary>
internal sealed class ReplayProcess : IAsyncDisposable
{
    public const string Ci = "ci";

    private const string Owner = "queue-1";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly ReplayHook _hook = new();
    private readonly InMemoryQueueEngine _engine;
    private readonly InMemoryBuildStore _store;
    private readonly ServiceProvider _services;
    private readonly ReplayQueue _queue;
    private readonly ReplayCi _ci;
    private readonly ReplayOwner _owner = new();
    private readonly ReplayWorker?[] _workers = new ReplayWorker?[2];
    private Build? _build;
    private int _crashes;

    public ReplayProcess(bool finds, bool stops)
    {
        _engine = new(_time);
        _store = new(_engine, _time);
        _queue = new(_engine, _time);
        _ci = ReplayCi.Of(_hook, finds, stops);
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(_time);
        services.AddQueue().UseEngine(_ => _engine);
        services.AddSingleton<IBuildStore>(new ReplayStore(_store, _hook));
        services.AddSingleton(new RunnerThreads(new InlineScheduler()));
        services.AddKeyedSingleton<IBuildRunner>(Ci, _ci);
        services.AddSingleton(_owner);
        services.AddBuildOrchestration().AddRunner(Ci, ReplayTimes.Configure).AddObserver<ReplayOwner>(static options => options.CallTimeout = TimeSpan.FromDays(1));
        _services = services.BuildServiceProvider();
    }

    private IBuildOrchestrator Orchestrator => _services.GetRequiredService<IBuildOrchestrator>();

    /// <summary>Makes a step of the model.</summary>
    public Task DoAsync(string step) => step.Split(' ') switch
    {
        ["a", "caller", "submits"] => SubmitAsync(),
        ["a", "caller", "cancels"] => Orchestrator.CancelAsync(_build!.Id),
        ["a", "webhook", "signals"] => Orchestrator.SignalAsync(Ci, ReplayCi.IdOf(_ci.Builds.Count - 1)),
        ["the", "owner", ..] => TellAsync(),
        ["time", "passes:", var time] => PassAsync(Enum.Parse<Slot>(time)),
        ["build", var number, var verb] => Run(int.Parse(number, System.Globalization.CultureInfo.InvariantCulture), verb == "runs" ? Remote.Running : Remote.Succeeded),
        [var topic, "becomes", ..] => MoveToDeadLettersAsync(Enum.Parse<Topic>(topic)),
        [var who, "claims", var topic] => ClaimAsync(IndexOf(who), Enum.Parse<Topic>(topic)),
        [var who, "crashes"] => CrashAsync(IndexOf(who)),
        [var who, "loses", "its", "lease"] => ExpireAsync(_workers[IndexOf(who)]!),
        [var who, "settles"] => SettleAsync(IndexOf(who)),
        [var who, .. var rest] => GoOnAsync(IndexOf(who), rest is [.., "lost"] ? new TriggerOutcomeUnknownException("lost") : rest is [.., "vain"] ? new BuildRunnerException("away") { IsTransient = true } : null),
        _ => throw new ArgumentException($"No step is called '{step}'.", nameof(step)),
    };

    /// <summary>Gets how everything is.</summary>
    public async Task<ReplayView> ViewAsync()
    {
        var reading = await _store.ReadAsync(_build!.Id, CancellationToken.None);
        var key = _build.Id.ToString();
        return ReplayView.Of(reading, _owner.Told) with
        {
            Slots = string.Join(' ', ReplayView.Topics.Select(topic => $"{topic}={_queue.SlotOf(topic, KeyOf(topic))}")),
            Changes = _queue.CountOf(Topic.Change, Owner),
            Ci = string.Join(' ', _ci.Builds),
            Workers = string.Join(' ', _workers.Select(worker => ReplayView.Of(worker))),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _engine.DisposeAsync();
    }

    private static int IndexOf(string who) => who == "one" ? 0 : 1;

    private string KeyOf(Topic topic) => topic switch
    {
        Topic.Signal => $"{_build!.Id}/signal",
        Topic.Change => Owner,
        _ => _build!.Id.ToString(),
    };

    private async Task SubmitAsync()
    {
        Change change = new("git://git.example.org/shop/refs%2Fheads%2Ffix/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10");
        _build = await Orchestrator.SubmitAsync(new() { Key = "build-1", OwnerId = Owner, Runner = Ci, Request = new BuildRequest { Head = [change] }, Timeout = ReplayTimes.Timeout });
    }

    private Task Run(int number, Remote remote)
    {
        _ci.Builds[number] = remote;
        return Task.CompletedTask;
    }

    private async Task ClaimAsync(int index, Topic topic)
    {
        var claim = await _queue.ClaimAsync(topic, KeyOf(topic));
        ReplayWorker worker = new(topic, claim);
        _workers[index] = worker;
        await worker.StartAsync(delivery => HandleAsync(worker, delivery));
    }

    private async Task TellAsync()
    {
        await ClaimAsync(0, Topic.Change);
        while (_workers[0]!.Call != Call.Settle)
        {
            await _workers[0]!.GoOnAsync();
        }

        await SettleAsync(0);
    }

    private async Task<Queue.Outcome> HandleAsync(ReplayWorker worker, Delivery delivery)
    {
        _hook.Current = worker;
        await using var scope = _services.CreateAsyncScope();
        IMessageHandler handler = worker.Topic switch
        {
            Topic.Trigger => scope.ServiceProvider.GetRequiredService<TriggerHandler>(),
            Topic.Poll or Topic.Signal => scope.ServiceProvider.GetRequiredService<PollHandler>(),
            Topic.Deadline => scope.ServiceProvider.GetRequiredService<DeadlineHandler>(),
            Topic.Change => scope.ServiceProvider.GetRequiredService<ChangeHandler>(),
            _ => scope.ServiceProvider.GetRequiredService<DeadLetterHandler>(),
        };
        return await handler.HandleAsync(delivery, CancellationToken.None);
    }

    private async Task GoOnAsync(int index, BuildRunnerException? failure)
    {
        var worker = _workers[index]!;
        _ci.Next = failure;
        await worker.GoOnAsync();
        _workers[index] = worker is { IsLate: true, Call: Call.None } ? null : worker;
    }

    private async Task SettleAsync(int index)
    {
        var worker = _workers[index]!;
        _workers[index] = null;
        var result = await _queue.SettleAsync(worker.Topic, worker.Lease, await worker.OutcomeAsync());
        result.Should().Be(worker.IsHolder ? LeaseResult.Applied : LeaseResult.Stale);
    }

    // By turns its lease ends, or the host that stops hands the message back. For all others that is the same.
    private async Task CrashAsync(int index)
    {
        var worker = _workers[index]!;
        _workers[index] = null;
        if (worker.IsHolder && _crashes++ % 2 == 0)
        {
            await ExpireAsync(worker);
        }
        else if (worker.IsHolder)
        {
            await _queue.SettleAsync(worker.Topic, worker.Lease, Queue.Outcome.HandBack);
        }
    }

    private async Task ExpireAsync(ReplayWorker worker)
    {
        worker.IsHolder = false;
        await _queue.ExpireAsync(worker.Topic, worker.Lease);
    }

    private async Task MoveToDeadLettersAsync(Topic topic)
    {
        var claim = await _queue.ClaimAsync(topic, KeyOf(topic));
        await _queue.MoveToDeadLettersAsync(topic, claim.Lease);
    }

    private async Task PassAsync(Slot time)
    {
        _time.Advance(ReplayTimes.Of(time));
        if (time == Slot.Pause)
        {
            return;
        }

        foreach (var worker in _workers.OfType<ReplayWorker>().Where(static worker => worker is { Call: Call.Create, IsLate: false }))
        {
            var outcome = await worker.GiveUpAsync();
            if (worker.IsHolder)
            {
                await _queue.SettleAsync(worker.Topic, worker.Lease, outcome);
                worker.IsHolder = false;
            }
        }
    }
}
