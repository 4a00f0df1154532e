namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>One run of a scenario, in which the first process is hit at one moment, and for some hits it or the next one again at a later one.</summary>
internal sealed class CrashRun(CrashWorld world, CrashHit hit, int index, int again)
{
    private readonly TaskCompletionSource _reached = new();
    private readonly TaskCompletionSource _released = new();
    private StageProcess? _second;
    private int _count;
    private int? _countdown;

    /// <summary>Gets what was hit, or <see langword="null"/> if it was not reached.</summary>
    public StageCall? Point { get; private set; }

    /// <summary>Gets a value indicating whether there was a moment for the second hit.</summary>
    public bool IsHitAgain { get; private set; }

    /// <summary>Gets a value indicating whether the record said at a hit that the runner was asked and has not answered.</summary>
    public bool WasTriggering { get; private set; }

    /// <summary>Runs a scenario without a hit.</summary>
    /// <returns>Its moments.</returns>
    public static async Task<IReadOnlyList<StageCall>> BaselineAsync(CrashWorld world)
    {
        List<StageCall> calls = [];
        var process = await world.StartAsync((_, call) =>
        {
            calls.Add(call);
            return Task.CompletedTask;
        });
        await world.DriveAsync(process);
        return calls;
    }

    public async Task RunAsync()
    {
        world.IgnoresTokens = hit == CrashHit.LateAnswer;
        var first = await world.StartAsync(MeetAsync);
        var run = world.DriveAsync(first);
        await Task.WhenAny(run, _reached.Task);
        _second ??= await world.StartAsync(hit == CrashHit.CrashTwice ? CrashAgain : null);
        switch (hit)
        {
            case CrashHit.ExpiryToEnd or CrashHit.ExpiryNoticed or CrashHit.LateAnswer:
                await world.DriveAsync(_second, () => world.HasEnded);
                break;
            case CrashHit.ExpireForOneStep:
                await StepAsync(_second);
                break;
            case CrashHit.HandBackInCall:
                first.Stop();
                await world.DriveAsync(_second, () => world.HasEnded || !run.IsCompleted);
                break;
            case CrashHit.CrashTwice:
                _countdown = again;
                await world.DriveAsync(_second);
                _second = await world.StartAsync();
                break;
            default:
                break;
        }

        if (hit == CrashHit.ExpiryNoticed)
        {
            first.Stop();
        }

        _countdown = hit == CrashHit.ExpiryToEnd ? again : null;
        _released.SetResult();
        await run;
        await world.DriveAsync(_second);
    }

    private async Task MeetAsync(StageProcess process, StageCall call)
    {
        if (process.Hook.OnStatement is not null)
        {
            // The transaction had fewer statements.
            (process.Hook.OnStatement, _countdown) = (null, null);
        }

        await CrashAgain(process, call);
        if (_count++ != index)
        {
            return;
        }

        Point = call;
        NoteTriggering();
        switch (hit)
        {
            case CrashHit.Crash or CrashHit.CrashTwice:
                process.Crash();
                break;
            case CrashHit.CutOff:
                _countdown = again;
                process.Hook.OnStatement = () => CrashAgain(process, call);
                break;
            case CrashHit.HandBack:
                process.Stop();
                break;
            case CrashHit.Cancel:
                await CancelAsync();
                break;
            case CrashHit.CancelAndCrash:
                await CancelAsync();
                process.Crash();
                break;
            default:
                process.Halt();
                _reached.SetResult();
                await _released.Task;
                break;
        }
    }

    private Task CrashAgain(StageProcess process, StageCall call)
    {
        if (_countdown-- == 0)
        {
            IsHitAgain = true;
            NoteTriggering();
            process.Crash();
        }

        return Task.CompletedTask;
    }

    private void NoteTriggering() => WasTriggering |= world.Ledger.Last is { RemoteId: null, Bookkeeping.TriggerAttemptedAt: not null } build && !build.Status.IsTerminal();

    private async Task CancelAsync()
    {
        _second = await world.StartAsync();
        if (world.Ledger.Last is { } build)
        {
            await _second.Orchestrator.CancelAsync(build.Id);
        }
    }

    // The same message once, or what a caller does and the first message of that.
    private async Task StepAsync(StageProcess process)
    {
        var steps = 0;
        process.HaltsAfter = Point?.Topic;
        await world.DriveAsync(process, () => Point?.Topic is null && steps++ == 2);
        process.Resume();
    }
}
