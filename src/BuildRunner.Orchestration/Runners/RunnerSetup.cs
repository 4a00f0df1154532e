namespace BuildRunner.Orchestration.Runners;

/// <summary>Tracks what is wrong with a runner's setup, by operation: one may lack a permission that others have.</summary>
internal sealed class RunnerSetup(BuildRunnerOptions options, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Message, long ForgottenAt)> _faults = new(StringComparer.Ordinal);

    /// <summary>What is wrong, or null for nothing. Old reports expire.</summary>
    public string? Fault
    {
        get
        {
            lock (_gate)
            {
                Forget();
                return _faults.Count == 0 ? null : _faults.Values.First().Message;
            }
        }
    }

    /// <summary>Notes the end of a call. Returns true if the setup has just become faulty, false if it was just fixed, otherwise
    /// null.</summary>
    public bool? Note(string operation, Exception? exception)
    {
        lock (_gate)
        {
            Forget();
            var before = _faults.Count;
            if (exception is BuildRunnerConfigurationException fault)
            {
                var memory = RunnerTimes.MemoryOf(options, fault.RetryAfter);
                var forgottenAt = timeProvider.GetTimestamp() + (long)(memory.TotalSeconds * timeProvider.TimestampFrequency);
                _faults[operation] = (fault.Message, forgottenAt);
                return before == 0 ? true : null;
            }

            return Answers(exception) && _faults.Remove(operation) && _faults.Count == 0 ? false : null;
        }
    }

    // Who refuses a request, or does not know a build, has looked at it.
    private static bool Answers(Exception? exception) =>
        exception is null or BuildNotFoundException
        || exception is BuildRunnerException { IsTransient: false } and not TriggerOutcomeUnknownException;

    private void Forget()
    {
        var now = timeProvider.GetTimestamp();
        foreach (var operation in _faults.Where(fault => now >= fault.Value.ForgottenAt).Select(static fault => fault.Key).ToList())
        {
            _faults.Remove(operation);
        }
    }
}
