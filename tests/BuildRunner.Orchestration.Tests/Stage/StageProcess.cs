using System.Collections.Concurrent;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>
/// One process with orchestration, registered as in a program. The test delivers its messages one by one. Nothing else happens, so all runs are the same.
/// </summary>
internal sealed class StageProcess : IAsyncDisposable
{
    /// <summary>With which failure a message becomes a dead letter.</summary>
    public const int MaxAttempts = 5;

    private const int BatchSize = 16;

    private readonly ServiceProvider _services;
    private readonly StageBackend _backend;
    private readonly IQueueEngine _engine;
    private readonly IReadOnlyList<ConsumerRegistration> _consumers;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, (int Changes, DateTimeOffset? DueAt)> _looks = new(StringComparer.Ordinal);
    private bool _isHalted;

    private StageProcess(StageBackend backend, ServiceProvider services, CallHook hook)
    {
        _backend = backend;
        _services = services;
        _engine = services.GetRequiredService<IQueueEngine>();
        _consumers = [.. services.GetServices<ConsumerRegistration>()];
        Hook = hook;
        Orchestrator = services.GetRequiredService<IBuildOrchestrator>();
    }

    public CallHook Hook { get; }

    public IBuildOrchestrator Orchestrator { get; }

    public IServiceProvider Services => _services;

    /// <summary>Gets what is cancelled when the process stops: the token of what its callers do.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Gets a value indicating whether the process does nothing any more.</summary>
    public bool IsOver => Hook.IsDead || _isHalted || _stop.IsCancellationRequested;

    /// <summary>Gets or sets a topic. The process halts after the next message of it.</summary>
    public string? HaltsAfter { get; set; }

    public IEnumerable<string> Topics => _consumers.Select(static consumer => consumer.Topic);

    /// <summary>Starts a process.</summary>
    /// <param name="backend">The data.</param>
    /// <param name="configure">Adds runners and observers; <see cref="StageBuilderExtensions.AddRunner"/> adds one that makes its calls through the hook.</param>
    /// <param name="validates">Whether what is registered is validated, which takes longer than most runs.</param>
    /// <param name="decorate">What is put around the store of the data, below the hook, or <see langword="null"/> for nothing.</param>
    public static async Task<StageProcess> StartAsync(StageBackend backend, Action<BuildOrchestrationBuilder, CallHook> configure, bool validates = true, Func<IBuildStore, IBuildStore>? decorate = null)
    {
        CallHook hook = new();
        var (engine, store) = await backend.OpenAsync(hook, decorate);
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(backend.Time);
        services.AddQueue().UseEngine(_ => engine);
        services.AddSingleton(new RunnerThreads(new InlineScheduler()));
        configure(services.AddBuildOrchestration(), hook);
        services.AddSingleton<SavePause>(new AdvancingPause(backend, hook));
        services.AddSingleton(store);

        // Few, so that a test comes to a dead letter soon.
        services.PostConfigureAll<ConsumerOptions>(static options => options.MaxAttempts = MaxAttempts);
        var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = validates, ValidateOnBuild = validates });
        if (validates)
        {
            provider.GetService<IStartupValidator>()?.Validate();
        }

        return new(backend, provider, hook);
    }

    /// <summary>Ends the process like SIGKILL: its claims are neither settled nor returned.</summary>
    public void Crash() => Hook.IsDead = true;

    /// <summary>Stops the process as a host stops: the tokens of its handlers are cancelled, and what was not finished is handed back.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Has the process deliver nothing more. What it is in the middle of it finishes and settles.</summary>
    public void Halt() => _isHalted = true;

    /// <summary>Has a halted process go on.</summary>
    public void Resume() => (_isHalted, HaltsAfter) = (false, null);

    /// <summary>Delivers everything that is due now, once. Where nothing can be due it does not look.</summary>
    /// <returns>How many messages, and in what time there is the next.</returns>
    public async Task<(int Count, TimeSpan? Next)> StepAsync()
    {
        var count = 0;
        TimeSpan? next = null;
        foreach (var consumer in _consumers)
        {
            var (delivered, due) = IsIdle(consumer.Topic, out var idle) ? (0, idle) : await StepAsync(consumer);
            count += delivered;
            next = due is null || next < due ? next : due;
        }

        return (count, next);
    }

    /// <summary>Delivers what is due now of one topic, once.</summary>
    public Task<(int Count, TimeSpan? Next)> StepAsync(string topic) => StepAsync(_consumers.Single(consumer => consumer.Topic == topic));

    /// <summary>Delivers what is due, and lets time pass from one to the next, until something is so.</summary>
    /// <param name="isOver">What is waited for.</param>
    /// <param name="limit">How long it may take, by the clock of the test.</param>
    public async Task RunUntilAsync(Func<Task<bool>> isOver, TimeSpan limit)
    {
        var end = _backend.Time.GetUtcNow() + limit;
        while (!await isOver() && !IsOver)
        {
            var (count, next) = await StepAsync();
            if (count > 0)
            {
                continue;
            }

            if (next is null && await isOver())
            {
                return;
            }

            next.Should().NotBeNull("something must be due at some time as long as it is not over");
            var pause = next!.Value > TimeSpan.FromMilliseconds(1) ? next.Value : TimeSpan.FromMilliseconds(1);
            (_backend.Time.GetUtcNow() + pause).Should().BeOnOrBefore(end, "it must be over by then");
            await _backend.AdvanceAsync(pause);
        }
    }

    /// <summary>Runs until a build has ended and nothing of it is left in the queue but what waits for its deadline.</summary>
    public async Task RunToEndAsync(Guid id, TimeSpan limit)
    {
        await RunUntilAsync(async () => await Orchestrator.GetAsync(id) is null or { Status: BuildStatus.Succeeded or BuildStatus.Failed or BuildStatus.Cancelled }, limit);
        await DrainAsync();
    }

    /// <summary>Delivers what is due now, until nothing is.</summary>
    public async Task DrainAsync()
    {
        while ((await StepAsync()).Count > 0)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _stop.Dispose();
    }

    // A queue never says too late when something is due, unless somebody changes it.
    private bool IsIdle(string topic, out TimeSpan? next)
    {
        var isKnown = _looks.TryGetValue(topic, out var look) && look.Changes == _backend.Changes.Of(topic) && !IsOver;
        next = isKnown ? look.DueAt - _backend.Time.GetUtcNow() : null;
        return isKnown && (next is null || next > TimeSpan.Zero);
    }

    private async Task<(int Count, TimeSpan? Next)> StepAsync(ConsumerRegistration consumer)
    {
        var options = _services.GetRequiredService<IOptionsMonitor<ConsumerOptions>>().Get(consumer.Topic);
        if (IsOver)
        {
            return (0, null);
        }

        var changes = _backend.Changes.Of(consumer.Topic);
        var result = await RunRoundAsync(consumer, options, [], BatchSize);
        _looks[consumer.Topic] = (changes, result.IsMore ? DateTimeOffset.MinValue : _backend.Time.GetUtcNow() + result.NextDueIn);
        foreach (var claim in result.Claims.TakeWhile(_ => !_isHalted))
        {
            if (await ResolveAsync(consumer, options, claim) is { } resolution && !Hook.IsDead)
            {
                await RunRoundAsync(consumer, options, [new Settlement(claim.Lease, resolution)], 0);
            }

            _isHalted |= consumer.Topic == HaltsAfter;
        }

        return (result.Claims.Count, result.IsMore ? TimeSpan.Zero : result.NextDueIn);
    }

    private Task<QueueRoundResult> RunRoundAsync(ConsumerRegistration consumer, ConsumerOptions options, IReadOnlyList<Settlement> settlements, int limit) =>
        _engine.RunRoundAsync(new QueueRound { Topic = consumer.Topic, Policy = options.Policy, LeaseDuration = options.LeaseDuration, Settlements = settlements, Limit = limit, TakesQuarantined = limit > 0 }, CancellationToken.None);

    // As the host resolves it.
    private async Task<Outcome?> ResolveAsync(ConsumerRegistration consumer, ConsumerOptions options, Claim claim)
    {
        if (_stop.IsCancellationRequested)
        {
            return Outcome.HandBack;
        }

        Hook.Topic = consumer.Topic;
        await using var scope = _services.CreateAsyncScope();
        try
        {
            var outcome = await consumer.Resolve(scope.ServiceProvider).HandleAsync(claim.Delivery, _stop.Token);
            return outcome.Kind switch
            {
                OutcomeKind.Done => Outcome.Done,
                OutcomeKind.Postpone => Outcome.Postpone(outcome.Delay),
                OutcomeKind.Retry => RetryOf(consumer, options, claim, outcome.Failure!),
                _ => Outcome.Reject(outcome.Failure!),
            };
        }
        catch (Exception) when (Hook.IsDead)
        {
            return null;
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            return Outcome.HandBack;
        }
        catch (Exception exception)
        {
            return RetryOf(consumer, options, claim, Failure.From(exception));
        }
    }

    private static Outcome RetryOf(ConsumerRegistration consumer, ConsumerOptions options, Claim claim, Failure failure) =>
        options.Policy.IsExhausted(consumer.Topic, claim.Delivery.Attempt)
            ? Outcome.Reject(failure)
            : Outcome.RetryAfter(options.Policy.DelayAfter(claim.Delivery.Attempt, 1), failure);
}
