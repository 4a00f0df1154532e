using System.Collections.Concurrent;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>The parts of one run that outlive every process: the data, the CI, the owner, and the callers with their requests.</summary>
internal sealed class CrashWorld(StageBackend backend, CrashScenario scenario, bool finds) : IAsyncDisposable
{
    /// <summary>The key of the other build.</summary>
    public const string NeighbourKey = "neighbour";

    private const int MaxSteps = 2000;

    /// <summary>Shorter than a trigger may take, so that a lease can lapse in the middle of one.</summary>
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(10);

    private readonly List<StageProcess> _processes = [];
    private readonly FakeBuildRunner _otherCi = new(backend.Time);
    private bool _isNeighbourSubmitted;
    private bool _isSubmitted;
    private int _actions;
    private int _findErrors;
    private int _triggerFaults;
    private int _statusFaults;
    private int _cancelFaults;
    private bool _wasAway;

    public CrashScenario Scenario => scenario;

    public bool Finds => finds;

    public FakeBuildRunner Ci { get; } = new(backend.Time);

    /// <summary>Gets what the CI has of the other build.</summary>
    public NeighbourCi Neighbour { get; } = new(backend.Time);

    /// <summary>Gets for how many builds that had not ended here there was a running one in the CI at most.</summary>
    public int MostInFlight { get; private set; }

    /// <summary>Gets what the CI can look up.</summary>
    public ConcurrentDictionary<string, BuildId> ByKey { get; } = [];

    public BuildLedger Ledger { get; } = new();

    public RecordingObserver Owner { get; } = new();

    /// <summary>Gets or sets a value indicating whether the runner does not look at its token.</summary>
    public bool IgnoresTokens { get; set; }

    /// <summary>Gets how many calls have failed by <see cref="CrashScenario.Fails"/>.</summary>
    public int Failures { get; private set; }

    /// <summary>Gets the builds of the CI that ran on when the record ended.</summary>
    public IReadOnlyList<BuildId> RunningAtEnd { get; private set; } = [];

    public bool HasEnded => Ledger.Last is { } build && build.Status.IsTerminal();

    public static CrashWorld Of(StageBackend backend, CrashScenario scenario, bool finds)
    {
        CrashWorld world = new(backend, scenario, finds);
        scenario.Arrange(world.Ci);
        world.Ledger.OnCommitAsync = async build =>
        {
            if (build.Status.IsTerminal() && world.Ledger.Commits.Count(static commit => commit.Status.IsTerminal()) == 1)
            {
                world.RunningAtEnd = await world.GetRunningAsync();
            }
        };
        return world;
    }

    /// <summary>Determines whether a request is that of the other build.</summary>
    public bool IsOfNeighbour(string triggerKey) => scenario.HasNeighbour && (Ledger.Last is not { } build || !triggerKey.StartsWith(build.Id.ToString(), StringComparison.Ordinal));

    /// <summary>Counts, after one was created.</summary>
    public async Task CountAsync()
    {
        if (scenario.HasNeighbour)
        {
            var own = !HasEnded && (await GetRunningAsync()).Count > 0 ? 1 : 0;
            var other = Ledger.Neighbour is { } build && !build.Status.IsTerminal() && Neighbour.IsRunning ? 1 : 0;
            MostInFlight = Math.Max(MostInFlight, own + other);
        }
    }

    public void ThrowIfTriggersAreFaulty() => ThrowIf(Interlocked.Increment(ref _triggerFaults) <= scenario.TriggerFaults);

    public void ThrowIfPollsAreFaulty() => ThrowIf(Interlocked.Increment(ref _statusFaults) <= scenario.StatusFaults);

    public void ThrowIfCancelsAreFaulty() => ThrowIf(Interlocked.Increment(ref _cancelFaults) <= scenario.CancelFaults);

    public bool TakeFindError() => Interlocked.Increment(ref _findErrors) <= scenario.FindErrors;

    /// <summary>Starts a process.</summary>
    /// <param name="onCallAsync">What happens at each of its moments, or <see langword="null"/> for nothing.</param>
    public async Task<StageProcess> StartAsync(Func<StageProcess, StageCall, Task>? onCallAsync = null)
    {
        var process = await StageProcess.StartAsync(backend, Configure, validates: false, Ledger.Around);
        _processes.Add(process);
        process.Hook.OnCallAsync = async call =>
        {
            if (onCallAsync is not null)
            {
                await onCallAsync(process, call);
            }

            ThrowIfFailing(process, call);
        };
        return process;
    }

    /// <summary>Has a process do what is to be done, and lets time pass, until it is over or nothing is left.</summary>
    /// <param name="process">The process.</param>
    /// <param name="isOver">When to end before, or <see langword="null"/> for never.</param>
    public async Task DriveAsync(StageProcess process, Func<bool>? isOver = null)
    {
        for (var step = 0; !process.IsOver && isOver?.Invoke() != true; step++)
        {
            if (step == MaxSteps)
            {
                throw new InvalidOperationException($"It does not come to its end: {Ledger.Last}");
            }

            if (await CallAsync(process))
            {
                continue;
            }

            var (count, next) = await process.StepAsync();
            if (count > 0)
            {
                continue;
            }

            if (next is null || process.IsOver)
            {
                return;
            }

            await backend.AdvanceAsync(next.Value > TimeSpan.FromMilliseconds(1) ? next.Value : TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Gets the builds of the CI that have not ended.</summary>
    public async Task<IReadOnlyList<BuildId>> GetRunningAsync()
    {
        List<BuildId> running = [];
        foreach (var buildId in Ci.Triggers.Select(static trigger => trigger.BuildId).OfType<BuildId>().Distinct())
        {
            if (await IsRunningAsync(buildId))
            {
                running.Add(buildId);
            }
        }

        return running;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await backend.DisposeAsync();
    }

    private void Configure(BuildOrchestrationBuilder stage, CallHook hook)
    {
        stage.Services.ConfigureAll<ConsumerOptions>(static options => options.LeaseDuration = LeaseDuration);
        stage.AddRunner(hook, CrashRunner.Of(this, hook), finds, configure: options =>
        {
            options.AcceptedPollDelay = options.RunningPollDelay = scenario.PollDelay;
            options.Retry = scenario.Retry;
            (options.PendingTimeout, options.RunTimeout) = (scenario.PendingTimeout, scenario.RunTimeout);
            scenario.Configure(options);
        });
        stage.AddObserver(hook, Owner);
        if (scenario.Other is { } other)
        {
            _otherCi.EveryBuild(_ => other);
            stage.Services.AddKeyedSingleton<IBuildRunner>(GroupScenarios.Other, _otherCi);
            stage.AddRunner(GroupScenarios.Other, options =>
            {
                options.CallsPerSecond = null;
                options.AcceptedPollDelay = options.RunningPollDelay = GroupScenarios.OtherPollDelay;
            });
        }
    }

    private void ThrowIfFailing(StageProcess process, StageCall call)
    {
        if (!process.Hook.IsDead && !call.IsDone && scenario.Fails(this, call))
        {
            Failures++;
            throw new IOException($"{call.Member} is not available for a moment.");
        }
    }

    private void ThrowIf(bool isFaulty)
    {
        if (isFaulty)
        {
            throw new BuildRunnerConfigurationException("The token was refused.") { RetryAfter = scenario.FaultsRetryAfter };
        }
    }

    // What a caller wants it tries again with another process, until it was done once.
    private async Task<bool> CallAsync(StageProcess process)
    {
        try
        {
            if (scenario.HasNeighbour && !_isNeighbourSubmitted)
            {
                await process.Orchestrator.SubmitAsync(Submissions.Of(NeighbourKey, "queue-0", timeout: scenario.Timeout), process.Stopping);
                _isNeighbourSubmitted = true;
                return true;
            }

            if (!_isSubmitted)
            {
                await scenario.SubmitAsync(process.Orchestrator, Submissions.Of(timeout: scenario.Timeout), process.Stopping);
                _isSubmitted = true;
                return true;
            }

            if (scenario.Outage > TimeSpan.Zero && !_wasAway && Ledger.Last is { Bookkeeping.GraceEndsAt: not null })
            {
                _wasAway = true;
                await backend.AdvanceAsync(scenario.Outage);
                return true;
            }

            if (_actions < scenario.Actions.Count && !HasEnded && scenario.Actions[_actions].IsDue(this))
            {
                var action = _actions;
                await scenario.Actions[action].DoAsync(process.Orchestrator, Ledger.Last!, process.Stopping);
                _actions = action + 1;
                return true;
            }

            return false;
        }
        catch (Exception) when (process.Hook.IsDead || process.Stopping.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task<bool> IsRunningAsync(BuildId buildId)
    {
        while (true)
        {
            try
            {
                return !(await Ci.StatusAsync(buildId)).Status.IsTerminal();
            }
            catch (BuildNotFoundException)
            {
                return false;
            }
            catch (BuildRunnerException)
            {
                // A failure that was planned for a poll.
            }
        }
    }
}
