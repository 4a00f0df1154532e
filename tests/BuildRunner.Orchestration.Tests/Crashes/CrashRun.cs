namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>One run of a scenario, in which the first process is hit at one moment.</summary>
internal sealed class CrashRun(CrashWorld world, CrashHit hit, int index)
{
    private readonly TaskCompletionSource _reached = new();
    private readonly TaskCompletionSource _released = new();
    private int _count;
    private bool _diesNext;

    /// <summary>Gets what was hit, or <see langword="null"/> if it was not reached.</summary>
    public StageCall? Point { get; private set; }

    /// <summary>Gets a value indicating whether the record said at the hit that the runner was asked and has not answered.</summary>
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
        var second = await world.StartAsync();
        switch (hit)
        {
            case CrashHit.LapseForOneStep:
                var steps = 0;
                second.HaltsAfter = Point?.Topic;
                await world.DriveAsync(second, () => Point?.Topic is null && steps++ == 2);
                second = await world.StartAsync();
                break;
            case CrashHit.HandBackInCall:
                first.Stop();
                if (run.IsCompleted)
                {
                    await world.DriveAsync(second, () => world.HasEnded);
                }

                break;
            case CrashHit.LapseToEnd or CrashHit.LapseNoticed or CrashHit.LapseAndCrash or CrashHit.LateAnswer:
                await world.DriveAsync(second, () => world.HasEnded);
                break;
            default:
                break;
        }

        if (hit == CrashHit.LapseNoticed)
        {
            first.Stop();
        }

        _diesNext = hit == CrashHit.LapseAndCrash;
        _released.SetResult();
        await run;
        await world.DriveAsync(second);
    }

    private async Task MeetAsync(StageProcess process, StageCall call)
    {
        if (_diesNext && call.IsDone)
        {
            NoteTriggering();
            process.Crash();
        }

        if (_count++ != index)
        {
            return;
        }

        Point = call;
        NoteTriggering();
        switch (hit)
        {
            case CrashHit.Crash:
                process.Crash();
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

    private void NoteTriggering() => WasTriggering |= world.Ledger.Last is { BuildId: null, TriggerAttemptedAt: not null } build && !build.Status.IsTerminal();

    private async Task CancelAsync()
    {
        if (world.Ledger.Last is { } build)
        {
            var other = await world.StartAsync();
            await other.Orchestrator.CancelAsync(build.Id);
        }
    }
}
