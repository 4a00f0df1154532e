namespace BuildRunner.Orchestration.Runners;

/// <summary>What a runner says is wrong with its setup, by operation: a permission may be missing for one and not for others.</summary>
internal sealed class RunnerSetup(BuildRunnerOptions options, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Message, long ForgottenAt)> _faults = new(StringComparer.Ordinal);

    /// <summary>What is wrong, or null for nothing. What was said long ago, and by nobody since, is forgotten.</summary>
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

    /// <summary>Notes how a call has ended: true if the setup has just come to be at fault, false if it was just mended, else
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
