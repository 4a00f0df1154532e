using BuildRunner.Model.Builds;
using BuildRunner.Orchestration;
using BuildRunner.Orchestration.Tests.Stage;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Outcome = BuildRunner.Queue.Outcome;
using Topic = BuildRunner.Queue.Topic;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The real handlers on the queue and the store in memory, with two consumers, which make the steps that all models have.</summary>
internal abstract class ReplayStage : IReplayed
{
    public const string Ci = "ci";

    protected const string Owner = "queue-1";

    private static readonly ReplayMessage ChangeMessage = new("Change", BuildTopics.Change, Owner);

    private readonly ReplayHook _hook;
    private readonly ReplayGrain _grain;
    private readonly InMemoryQueueEngine _engine;
    private readonly List<ServiceProvider> _all = [];
    private readonly ServiceProvider?[] _processes = new ServiceProvider?[2];
    private readonly ReplayStore _store;
    private readonly RunnerControls _controls;
    private readonly IBuildRunner _ci;
    private readonly Action<BuildRunnerOptions> _configure;
    private int _crashes;

    /// <param name="hook">What the calls of handlers go through.</param>
    /// <param name="ci">The runner.</param>
    /// <param name="grain">Before which calls handlers are held.</param>
    /// <param name="slotOf">Gets what a message waits for that is due in a time.</param>
    /// <param name="configure">Sets the options of the runner.</param>
    protected ReplayStage(ReplayHook hook, IBuildRunner ci, ReplayGrain grain, Func<TimeSpan, Slot> slotOf, Action<BuildRunnerOptions> configure)
    {
        (_hook, _grain, _ci, _configure) = (hook, grain, ci, configure);
        _engine = new(Time);
        Store = new(_engine, Time);
        Messages = new(_engine, Time, slotOf);
        _store = new ReplayStore(Store, hook);
        _controls = new(_store, Time);
    }

    /// <summary>Sets a mistake of the product.</summary>
    public ReplayFault Fault
    {
        set => _store.Fault = value;
    }

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    protected InMemoryBuildStore Store { get; }

    protected ReplayQueue Messages { get; }

    protected ReplayOwner Told { get; } = new();

    protected ReplayWorker?[] Workers { get; } = new ReplayWorker?[2];

    protected IServiceProvider Services => ProcessOf(0);

    protected IBuildOrchestrator Orchestrator => Services.GetRequiredService<IBuildOrchestrator>();

    /// <summary>Gets how many changes wait for the owner.</summary>
    protected int Changes => Messages.CountOf(BuildTopics.Change, Owner, "");

    /// <summary>Gets a value indicating whether each consumer is a process of its own, so that one does not wait here for another.</summary>
    protected virtual bool HasProcesses => false;

    public Task DoAsync(string step) => step.Replace(",", "", StringComparison.Ordinal).Split(' ') switch
    {
        ["the", "owner", ..] => HandleAsync(ChangeMessage),
        ["time", "passes:", var time] => PassAsync(Enum.Parse<Slot>(time)),
        ["one" or "two", "crashes"] and [var who, ..] => CrashAsync(IndexOf(who)),
        [var who, "loses", "its", "lease"] => ExpireAsync(Workers[IndexOf(who)]!),
        ["one" or "two", .., "settles"] and [var who, ..] => SettleAsync(IndexOf(who)),
        var words => DoAsync(words),
    };

    public abstract Task<object> ViewAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _all)
        {
            await process.DisposeAsync();
        }

        await _engine.DisposeAsync();
    }

    protected static int IndexOf(string who) => who == "one" ? 0 : 1;

    protected static int NumberOf(string word) => int.Parse(word, System.Globalization.CultureInfo.InvariantCulture);

    protected static BuildSubmission SubmissionOf(string key, TimeSpan timeout) => new()
    {
        Key = key,
        OwnerId = Owner,
        Runner = Ci,
        Request = new BuildRequest { Head = [new Change("git://git.example.org/shop/refs%2Fheads%2Ffix/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")] },
        Timeout = timeout,
    };

    /// <summary>Makes a step that only this model has.</summary>
    protected abstract Task DoAsync(string[] words);

    /// <summary>Gets how far the clock goes on for a time to pass.</summary>
    protected abstract TimeSpan TimeOf(Slot time);

    protected string WorkersAs(Func<ReplayWorker, string> describe) => string.Join(' ', Workers.Select(worker => worker is null ? "-" : describe(worker)));

    protected async Task ClaimAsync(int index, ReplayMessage message)
    {
        ReplayWorker worker = new(message, await Messages.ClaimAsync(message.Topic, message.Key), _grain);
        Workers[index] = worker;
        await worker.StartAsync(() => HandleAsync(worker, message, worker.Delivery, ProcessOf(index)));
    }

    /// <summary>Begins what a caller does, up to the first call before which it is held.</summary>
    protected async Task<ReplayWorker> CallAsync(Func<Task> callAsync)
    {
        ReplayWorker caller = new(new("caller", "", ""), claim: null, _grain);
        await caller.StartAsync(async () =>
        {
            _hook.Current = caller;
            await callAsync();
            return Outcome.Done;
        });
        return caller;
    }

    protected async Task GoOnAsync(int index)
    {
        var worker = Workers[index]!;
        await worker.GoOnAsync();
        Workers[index] = worker is { IsLate: true, Call: Call.None } ? null : worker;
    }

    protected async Task SettleAsync(int index)
    {
        var worker = Workers[index]!;
        Workers[index] = null;
        var result = await Messages.SettleAsync(worker.Message.Topic, worker.Lease, await worker.OutcomeAsync());
        result.Should().Be(worker.IsHolder ? LeaseResult.Applied : LeaseResult.Stale);
    }

    /// <summary>Handles a message that is due as one step.</summary>
    protected async Task HandleAsync(ReplayMessage message)
    {
        var claim = await Messages.ClaimAsync(message.Topic, message.Key);
        var outcome = await HandleAsync(worker: null, message, claim.Delivery, Services);
        (await Messages.SettleAsync(message.Topic, claim.Lease, outcome)).Should().Be(LeaseResult.Applied);
    }

    /// <summary>Handles a message that need not be due, and leaves it as it is.</summary>
    protected async Task HandleEarlyAsync(ReplayMessage message) => await HandleAsync(
        worker: null,
        message,
        new() { Message = new Message { PartitionKey = message.Key, Id = message.Key }, Topic = message.Topic, DueAt = Time.GetUtcNow() },
        Services);

    protected async Task MoveToDeadLettersAsync(ReplayMessage message)
    {
        var claim = await Messages.ClaimAsync(message.Topic, message.Key);
        await Messages.MoveToDeadLettersAsync(message.Topic, claim.Lease);
    }

    /// <summary>Settles the deliveries whose trigger has taken longer than it may.</summary>
    protected async Task GiveUpAsync()
    {
        foreach (var worker in Workers.OfType<ReplayWorker>().Where(static worker => worker is { Call: Call.Create, IsLate: false }))
        {
            var outcome = await worker.GiveUpAsync();
            if (worker.IsHolder)
            {
                await Messages.SettleAsync(worker.Message.Topic, worker.Lease, outcome);
                worker.IsHolder = false;
            }
        }
    }

    private ServiceProvider ProcessOf(int index) => _processes[HasProcesses ? index : 0] ??= StartProcess();

    private ServiceProvider StartProcess()
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Time);
        services.AddQueue().UseEngine(_ => _engine);
        services.AddSingleton<IBuildStore>(_store);
        services.AddSingleton(_controls);
        services.AddSingleton(new RunnerThreads(new InlineScheduler()));
        services.AddKeyedSingleton(Ci, _ci);
        services.AddSingleton(Told);
        services.AddBuildOrchestration().AddRunner(Ci, _configure).AddObserver<ReplayOwner>(static options => options.CallTimeout = TimeSpan.FromDays(1));
        var process = services.BuildServiceProvider();
        _all.Add(process);
        return process;
    }

    private async Task<Outcome> HandleAsync(ReplayWorker? worker, ReplayMessage message, Delivery delivery, IServiceProvider process)
    {
        _hook.Current = worker;
        await using var scope = process.CreateAsyncScope();
        IMessageHandler handler = message.Topic switch
        {
            var topic when Topic.IsForDeadLetters(topic) => scope.ServiceProvider.GetRequiredService<DeadLetterHandler>(),
            BuildTopics.Deadline => scope.ServiceProvider.GetRequiredService<DeadlineHandler>(),
            BuildTopics.Change => scope.ServiceProvider.GetRequiredService<ChangeHandler>(),
            BuildTopics.Group => scope.ServiceProvider.GetRequiredService<GroupHandler>(),
            var topic when topic == BuildTopics.TriggerOf(Ci) => scope.ServiceProvider.GetRequiredService<TriggerHandler>(),
            var topic when topic == BuildTopics.DispatchOf(Ci) => scope.ServiceProvider.GetRequiredService<DispatchHandler>(),
            _ => scope.ServiceProvider.GetRequiredService<PollHandler>(),
        };
        return await handler.HandleAsync(delivery, CancellationToken.None);
    }

    // By turns its lease ends, or the host that stops hands the message back. For all others that is the same.
    private async Task CrashAsync(int index)
    {
        var worker = Workers[index]!;
        Workers[index] = null;
        _processes[index] = HasProcesses ? null : _processes[index];
        if (worker.IsHolder && _crashes++ % 2 == 0)
        {
            await ExpireAsync(worker);
        }
        else if (worker.IsHolder)
        {
            await Messages.SettleAsync(worker.Message.Topic, worker.Lease, Outcome.HandBack);
        }
    }

    private async Task ExpireAsync(ReplayWorker worker)
    {
        worker.IsHolder = false;
        await Messages.ExpireAsync(worker.Message.Topic, worker.Lease);
    }

    private async Task PassAsync(Slot time)
    {
        Time.Advance(TimeOf(time));
        if (time != Slot.Pause)
        {
            await GiveUpAsync();
        }
    }
}
