namespace BuildRunner.Orchestration;

/// <summary>Decides when steps may call a runner, by its gate and its rate.</summary>
internal sealed class RunnerTurns(
    string runner,
    BuildRunnerOptions options,
    BuildTelemetry telemetry,
    TimeProvider timeProvider,
    TimedCalls timedCalls) : IDisposable
{
    private readonly RunnerRate? _rate = options.CallsPerSecond is { } rate ? new(rate) : null;
    private readonly RunnerGate _reads = new(options, timeProvider);
    private readonly RunnerGate _writes = new(options, timeProvider);

    /// <summary>Waits briefly until a step may make a number of calls.</summary>
    /// <returns>The turn, to dispose after the calls.</returns>
    public async Task<RunnerTurn> EnterAsync(BuildReading reading, RunnerCalls kinds, int calls, CancellationToken cancellationToken)
    {
        if (reading.Build?.Bookkeeping.NotBefore is { } notBefore && notBefore > reading.Now)
        {
            return ComeBack("not_before", notBefore - reading.Now);
        }

        List<RunnerGate> trying = [];
        var isEntered = false;
        try
        {
            foreach (var gate in GatesOf(kinds, reading.Build))
            {
                var (wait, isTrying) = await gate.EnterAsync(RunnerTimes.PermitWait, cancellationToken).ConfigureAwait(false);
                if (isTrying)
                {
                    trying.Add(gate);
                }

                if (wait is { } left)
                {
                    return ComeBack("held_back", RunnerTimes.Later(left));
                }
            }

            if (!await TryEnterAsync(calls, cancellationToken).ConfigureAwait(false))
            {
                return ComeBack(timedCalls.AreHung ? "hung_calls" : "no_permit", RunnerTimes.Later(RunnerTimes.PermitWait));
            }

            isEntered = true;
            return new RunnerTurn(wait: null, trying);
        }
        finally
        {
            if (!isEntered)
            {
                trying.ForEach(static gate => gate.Leave());
            }
        }
    }

    /// <summary>Waits briefly for the rate. There is no turn while too many abandoned calls still run.</summary>
    public async Task<bool> TryEnterAsync(int calls, CancellationToken cancellationToken) =>
        !timedCalls.AreHung && (_rate is null || calls == 0
            || await _rate.TryTakeAsync(calls, RunnerTimes.PermitWait, cancellationToken).ConfigureAwait(false));

    /// <summary>Notes the end of a call. A limit on a poll does not affect triggers and cancels; one on these affects all.</summary>
    public void Note(Guid id, bool isWrite, Exception? exception, long start)
    {
        switch (exception)
        {
            case BuildRunnerException { RetryAfter: { Ticks: > 0 } retryAfter }:
                _reads.Limit(retryAfter);
                if (isWrite)
                {
                    _writes.Limit(retryAfter);
                }

                break;
            case CallNotBegunException:
                break;
            case var _ when isWrite:
                // Limits alone close this gate, and none was met. Were it left closed, one call after the other would try.
                _writes.Answered();
                break;
            case null or BuildRunnerException { IsTransient: false }:
                _reads.Answered();
                break;
            default:
                _reads.Failed(id, start);
                break;
        }
    }

    public void Dispose() => _rate?.Dispose();

    private RunnerTurn ComeBack(string reason, TimeSpan delay)
    {
        telemetry.Postponed(runner, reason);
        return new(Outcome.Postpone(delay), []);
    }

    // A build that is asked for a last time does not wait for the others: it would end without having been asked.
    private RunnerGate[] GatesOf(RunnerCalls kinds, Build? build) => kinds switch
    {
        _ when build is not { Bookkeeping.LastCallEndsAt: null } || build.Status.IsTerminal() => [],
        RunnerCalls.Reads => [_reads],
        RunnerCalls.Writes => [_writes],
        _ => [_reads, _writes],
    };
}

/// <summary>Represents the permission of a step to call its runner. Dispose it after the calls.</summary>
internal readonly struct RunnerTurn(Outcome? wait, IReadOnlyList<RunnerGate>? trying) : IDisposable
{
    /// <summary>Gets when to come back, or <see langword="null"/> to call the runner.</summary>
    public Outcome? Wait => wait;

    public void Dispose()
    {
        foreach (var gate in trying ?? [])
        {
            gate.Leave();
        }
    }
}

/// <summary>Specifies the calls that a step is about to make: reads ask for a status or look a key up, writes trigger or cancel.</summary>
[Flags]
internal enum RunnerCalls
{
    None = 0,
    Reads = 1,
    Writes = 2,
}
