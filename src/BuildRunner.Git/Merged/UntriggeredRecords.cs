namespace BuildRunner.Git.Merged;

/// <summary>The records that this process has pushed, or has tried to, and of which it is certain that nothing was triggered for them.</summary>
internal sealed class UntriggeredRecords(TimeProvider timeProvider)
{
    // After that it counts as a trigger of which nothing is known.
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string RecordId, long Since)> _records = new(StringComparer.Ordinal);

    public void Add(string token, string recordId)
    {
        lock (_lock)
        {
            foreach (var (old, _) in _records.Where(record => timeProvider.GetElapsedTime(record.Value.Since) >= MaxAge).ToList())
            {
                _records.Remove(old);
            }

            _records[token] = (recordId, timeProvider.GetTimestamp());
        }
    }

    /// <summary>Takes a record out, because something is about to be triggered for it.</summary>
    /// <returns>Whether it was in.</returns>
    public bool Take(string token, string recordId)
    {
        lock (_lock)
        {
            return _records.Remove(token, out var record) && record.RecordId == recordId;
        }
    }
}
