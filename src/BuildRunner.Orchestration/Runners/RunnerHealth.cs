namespace BuildRunner.Orchestration;

/// <summary>Tracks since when calls of a runner fail without an answer to a poll or look-up, and what is wrong with its setup.</summary>
internal sealed class RunnerHealth(string runner, BuildRunnerOptions options, ILogger logger, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();

    // By operation: one may lack a permission that others have.
    private readonly Dictionary<string, (string Message, long ForgottenAt)> _faults = new(StringComparer.Ordinal);
    private long? _failingSince;
    private long _lastAnswer = long.MinValue;
    private long _forgottenAt;

    /// <summary>For how long calls fail, or null if one was answered since, or none was made although its time had come.</summary>
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

    /// <summary>What is wrong with the setup, or null for nothing. Old reports expire.</summary>
    public string? SetupFault
    {
        get
        {
            lock (_gate)
            {
                return FaultAt(timeProvider.GetTimestamp());
            }
        }
    }

    public void Note(string operation, Exception? exception, long start)
    {
        bool wasFaulty, isFaulty;
        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();
            wasFaulty = FaultAt(now) is not null;
            NoteSetup(operation, exception, now);
            NoteAnswer(operation, exception, start, now);
            isFaulty = FaultAt(now) is not null;
        }

        // Once, and not for each build that waits.
        switch (wasFaulty, isFaulty)
        {
            case (false, true):
                Log.SetupAtFault(logger, runner, operation, exception!);
                break;
            case (true, false):
                Log.SetupMended(logger, runner);
                break;
        }
    }

    private string? FaultAt(long now) => _faults.Values.FirstOrDefault(fault => now < fault.ForgottenAt).Message;

    private void NoteSetup(string operation, Exception? exception, long now)
    {
        if (exception is BuildRunnerConfigurationException fault)
        {
            _faults[operation] = (fault.Message, ForgottenAt(now, fault));
        }
        else if (exception is null or BuildNotFoundException || IsRefusal(exception))
        {
            // Who refuses a request, or does not know a build, has looked at it.
            _faults.Remove(operation);
        }
    }

    // Triggers are no answer: a runner may accept them and refuse all polls.
    private void NoteAnswer(string operation, Exception? exception, long start, long now)
    {
        var isQuestion = operation is not (RunnerClient.Trigger or RunnerClient.Cancel);
        if (exception is BuildNotFoundException || (exception is null && isQuestion))
        {
            (_failingSince, _lastAnswer) = (null, now);
            return;
        }

        // What is refused for good says nothing: the fault may be the build's. Nor does a call that was not made. A fault of the setup is
        // told apart.
        if (exception is null or CallNotBegunException or BuildRunnerConfigurationException || (!isQuestion && IsRefusal(exception)))
        {
            return;
        }

        // What was forgotten does not begin again where it had begun.
        var forgottenAt = ForgottenAt(now, exception);
        (_failingSince, _forgottenAt) = _failingSince is { } since && now < _forgottenAt
            ? (since, Math.Max(_forgottenAt, forgottenAt))
            : (Math.Max(start, _lastAnswer), forgottenAt);
    }

    private static bool IsRefusal(Exception exception) =>
        exception is BuildRunnerException { IsTransient: false } and not TriggerOutcomeUnknownException;

    private long ForgottenAt(long now, Exception exception)
    {
        var memory = RunnerTimes.MemoryOf(options, (exception as BuildRunnerException)?.RetryAfter);
        return now + (long)(memory.TotalSeconds * timeProvider.TimestampFrequency);
    }
}
