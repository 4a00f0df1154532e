using BuildRunner.Queue;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>The shared part of the tests of the invariants. They hold on every database, so nothing here depends on one.</summary>
public abstract class InvariantSuite<TBackend> : IAsyncDisposable
    where TBackend : StageBackend, new()
{
    /// <summary>The time limit of a trigger and of every other call. It is shorter than a lease, so that an abandoned call is still settled.</summary>
    private protected static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What lies between two submissions at least for one to be the older one.</summary>
    private protected static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private readonly List<StageProcess> _processes = [];
    private StageBackend? _backend;
    private FakeBuildRunner? _runner;
    private (IQueueEngine Engine, IBuildStore Store)? _own;

    private protected static string TriggerTopic { get; } = BuildTopics.TriggerOf(StageBuilderExtensions.Ci);

    private protected static string SignalTopic { get; } = BuildTopics.SignalOf(StageBuilderExtensions.Ci);

    private protected static string DispatchTopic { get; } = BuildTopics.DispatchOf(StageBuilderExtensions.Ci);

    private protected StageBackend Backend => _backend ??= new TBackend();

    private protected FakeBuildRunner Runner => _runner ??= new(Backend.Time);

    private protected RecordingObserver Observer { get; } = new();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }
    }

    private protected Task<StageProcess> StartAsync(IBuildRunner? runner = null, bool finds = true, Action<BuildRunnerOptions>? configure = null) => StartAsync((stage, hook) =>
        stage.AddObserver(Observer).AddRunner(hook, runner ?? Runner, finds, configure: options =>
        {
            options.TriggerTimeout = CallTimeout;
            options.CallTimeout = CallTimeout;
            configure?.Invoke(options);
        }));

    private protected async Task<StageProcess> StartAsync(Action<BuildOrchestrationBuilder, CallHook> configure)
    {
        var process = await StageProcess.StartAsync(Backend, configure);
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts a process whose runner has so many builds at a time at most.</summary>
    private protected Task<StageProcess> StartLimitedAsync(int? most, bool finds = true, Action<BuildRunnerOptions>? configure = null) => StartAsync(finds: finds, configure: options =>
    {
        options.MaxInFlight = most;
        configure?.Invoke(options);
    });

    /// <summary>Starts a process that tries builds three times.</summary>
    private protected Task<StageProcess> StartRetryingAsync(int budget = 100) => StartAsync(configure: options => options.Retry = Retries.Three with { BudgetPerHour = budget });

    /// <summary>Submits builds of one owner, one after the other.</summary>
    private protected async Task<IReadOnlyList<Build>> SubmitManyAsync(StageProcess process, int count, TimeSpan? timeout = null)
    {
        List<Build> submitted = [];
        for (var i = 0; i < count; i++)
        {
            submitted.Add(await process.Orchestrator.SubmitAsync(Submissions.Of($"build-{i}", timeout: timeout)));
            await Backend.AdvanceAsync(Instant);
        }

        return submitted;
    }

    /// <summary>Lets a build in, whatever message there is for it.</summary>
    private protected static async Task LetInAsync(StageProcess process)
    {
        await using var scope = process.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DispatchHandler>().HandleAsync(
            new() { Topic = DispatchTopic, Message = new() { PartitionKey = StageBuilderExtensions.Ci, Id = StageBuilderExtensions.Ci }, DueAt = StageBackend.Start }, CancellationToken.None);
    }

    /// <summary>Starts a process and submits a build that is running by then.</summary>
    private protected async Task<(StageProcess Process, Build Build)> StartRunningAsync(FakeBuild? script = null, TimeSpan? timeout = null)
    {
        Runner.NextBuild(script ?? FakeBuild.RunsUntilCancelled());
        var process = await StartAsync();
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: timeout));
        await process.DrainAsync();
        var build = await GetAsync(process, submitted);
        build.Status.Should().Be(BuildStatus.Running);
        return (process, build);
    }

    /// <summary>Signals a build, and lets the time pass after which it is polled.</summary>
    private protected async Task SignalAsync(StageProcess process, Build build, int times = 1)
    {
        for (var time = 0; time < times; time++)
        {
            (await process.Orchestrator.SignalAsync(build.Runner, build.RemoteId!.Value)).Should().BeTrue();
        }

        await Backend.AdvanceAsync(RunnerTimes.SignalDelay);
    }

    private protected static async Task<Build> GetAsync(StageProcess process, Build build) => (await process.Orchestrator.GetAsync(build.Id))!;

    /// <summary>Delivers what becomes due within a time, which passes.</summary>
    private protected async Task RunForAsync(StageProcess process, TimeSpan time)
    {
        var end = Backend.Time.GetUtcNow() + time;
        while (true)
        {
            var (count, next) = await process.StepAsync();
            if (count > 0)
            {
                continue;
            }

            var left = end - Backend.Time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            var pause = next < left ? next.Value : left;
            await Backend.AdvanceAsync(pause > TimeSpan.FromMilliseconds(1) ? pause : TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Lets the store fail until the message of a topic, which must be there, has become a dead letter.</summary>
    private protected async Task BuryAsync(StageProcess process, string topic)
    {
        process.Hook.OnCallAsync = static call => call.Member == "store.read" ? throw new InvalidOperationException("The database is away.") : Task.CompletedTask;
        for (var attempt = 0; attempt < StageProcess.MaxAttempts;)
        {
            var (count, next) = await process.StepAsync(topic);
            (count > 0 || next is not null).Should().BeTrue("there is a message to bury");
            attempt += count;
            await Backend.AdvanceAsync(count == 0 && next > TimeSpan.FromMilliseconds(1) ? next.Value : TimeSpan.FromMilliseconds(1));
        }

        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        (await CountDeadLettersAsync(topic)).Should().Be(1, "what follows is about it");
    }

    /// <summary>Opens queue and store for what the test does itself.</summary>
    private protected async Task<(IQueueEngine Engine, IBuildStore Store)> OpenAsync() => _own ??= await Backend.OpenAsync(new CallHook());

    private protected async Task<int> CountDeadLettersAsync(string topic)
    {
        var (engine, _) = await OpenAsync();
        return (await engine.ListDeadLettersAsync(topic, 100, after: null, CancellationToken.None)).Letters.Count;
    }

    private protected async Task<int> CountDeadLettersAsync() =>
        await CountDeadLettersAsync(TriggerTopic) + await CountDeadLettersAsync(SignalTopic) + await CountDeadLettersAsync(BuildTopics.Deadline) + await CountDeadLettersAsync(BuildTopics.Change);

    /// <summary>Gets how much of the budget of an owner is spent.</summary>
    private protected async Task<int> SpentAsync(string owner)
    {
        var (_, store) = await OpenAsync();
        var reading = await store.ReadDocumentsAsync([DocumentNames.OfBudget(StageBuilderExtensions.Ci, owner)], CancellationToken.None);
        return RetryBudget.Read(reading.Documents.Single()).SpentAt(reading.Now);
    }

    // What was told of it as an end is its verdict alone.
    private protected async Task<Build> ShouldHaveEndedAsync(StageProcess process, Build build, BuildStatus status, int attempts)
    {
        var ended = await GetAsync(process, build);
        (ended.Status, ended.Attempt).Should().Be((status, attempts));
        Observer.Seen.Where(static seen => seen.Status.IsTerminal()).Should().NotBeEmpty().And.OnlyContain(seen => seen.Equals(ended));
        Runner.Triggers.Count.Should().BeInRange(attempts - 1, attempts + 2);
        return ended;
    }

    private protected static string? KindOf(Build build) => build.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind);
}
