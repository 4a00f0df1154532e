namespace BuildRunner.Git.Engine;

/// <summary>Tracks failures and when each may be retried. The delay doubles up to one minute.</summary>
/// <param name="first">The first delay.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class Backoff(TimeSpan first, TimeProvider timeProvider)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Since, TimeSpan Delay)> _failed = new(StringComparer.Ordinal);

    /// <summary>Gets the delay that follows a delay.</summary>
    public static TimeSpan After(TimeSpan delay) => delay < Longest / 2 ? delay * 2 : Longest;

    public bool MayTry(string id)
    {
        lock (_lock)
        {
            return !_failed.TryGetValue(id, out var failed) || timeProvider.GetElapsedTime(failed.Since) >= failed.Delay;
        }
    }

    /// <summary>Records a failure.</summary>
    /// <returns><see langword="true"/> if it is the first one; otherwise, <see langword="false"/>.</returns>
    public bool Fail(string id)
    {
        lock (_lock)
        {
            var isFirst = !_failed.ContainsKey(id);
            _failed[id] = (timeProvider.GetTimestamp(), _failed.TryGetValue(id, out var before) ? After(before.Delay) : first);
            return isFirst;
        }
    }

    /// <summary>Forgets the failures of all other ids.</summary>
    public void Keep(IReadOnlyCollection<string> ids)
    {
        lock (_lock)
        {
            if (_failed.Count > 0)
            {
                var kept = ids.ToHashSet(StringComparer.Ordinal);
                foreach (var id in _failed.Keys.Where(id => !kept.Contains(id)).ToList())
                {
                    _failed.Remove(id);
                }
            }
        }
    }
}
