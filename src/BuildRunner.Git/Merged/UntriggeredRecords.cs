namespace BuildRunner.Git.Merged;

/// <summary>Tracks the records that this process pushed, or tried to push, and for which it certainly triggered no build.</summary>
internal sealed class UntriggeredRecords(TimeProvider timeProvider)
{
    // An older record counts as a trigger with an unknown outcome.
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string RecordId, long Since)> _records = new(StringComparer.Ordinal);

    public void Add(string token, string recordId)
    {
        lock (_lock)
        {
            foreach (var (old, _) in _records.Where(other => timeProvider.GetElapsedTime(other.Value.Since) >= MaxAge).ToList())
            {
                _records.Remove(old);
            }

            _records[token] = (recordId, timeProvider.GetTimestamp());
        }
    }

    /// <summary>Removes a record because its build is about to be triggered.</summary>
    /// <returns><see langword="true"/> if it was tracked; otherwise, <see langword="false"/>.</returns>
    public bool Take(string token, string recordId)
    {
        lock (_lock)
        {
            return _records.Remove(token, out var record) && record.RecordId == recordId;
        }
    }
}
