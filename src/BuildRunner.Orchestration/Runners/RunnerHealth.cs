namespace BuildRunner.Orchestration.Runners;

/// <summary>Tracks since when calls of a runner fail without an answer to a poll or look-up.</summary>
internal sealed class RunnerHealth(BuildRunnerOptions options, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private long? _failingSince;
    private long _lastAnswer = long.MinValue;
    private long _forgottenAt;

    /// <summary>For how long that is so, or null if one was answered since, or none was made although its time had come.</summary>
    public TimeSpan? FailingFor
    {
        get
        {
            lock (_gate)
            {
                return _failingSince is { } since && timeProvider.GetTimestamp() < _forgottenAt ? timeProvider.GetElapsedTime(since) : null;
            }
        }
    }

    /// <summary>Notes the end of a call. Triggers are no answer: a runner may accept them and refuse all polls.</summary>
    public void Note(string operation, Exception? exception, long start)
    {
        if (exception is BuildNotFoundException || (exception is null && IsQuestion(operation)))
        {
            Answered();
            return;
        }

        // What is refused for good says nothing: the fault may be the build's. Nor does a call that was not made. A fault of the setup is
        // told apart.
        if (exception is null or CallNotBegunException or BuildRunnerConfigurationException
            || (!IsQuestion(operation) && exception is BuildRunnerException { IsTransient: false } and not TriggerOutcomeUnknownException))
        {
            return;
        }

        var memory = RunnerTimes.MemoryOf(options, (exception as BuildRunnerException)?.RetryAfter);
        var now = timeProvider.GetTimestamp();
        var forgottenAt = now + (long)(memory.TotalSeconds * timeProvider.TimestampFrequency);
        lock (_gate)
        {
            // What was forgotten does not begin again where it had begun.
            if (_failingSince is null || now >= _forgottenAt)
            {
                (_failingSince, _forgottenAt) = (Math.Max(start, _lastAnswer), forgottenAt);
            }
            else
            {
                _forgottenAt = Math.Max(_forgottenAt, forgottenAt);
            }
        }
    }

    private static bool IsQuestion(string operation) => operation is not (RunnerClient.Trigger or RunnerClient.Cancel);

    private void Answered()
    {
        lock (_gate)
        {
            _failingSince = null;
            _lastAnswer = timeProvider.GetTimestamp();
        }
    }
}
