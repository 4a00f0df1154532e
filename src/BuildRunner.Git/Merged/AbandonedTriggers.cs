namespace BuildRunner.Git.Merged;

/// <summary>Tracks what was prepared for triggers without a key that gave up waiting, so that the next one like them can use it.</summary>
/// <param name="freshness">How long that may be used.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class AbandonedTriggers(TimeSpan freshness, TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Token, long Since)> _tokens = new(StringComparer.Ordinal);

    public void Add(string digest, string token)
    {
        lock (_lock)
        {
            _tokens[digest] = (token, timeProvider.GetTimestamp());
            foreach (var (old, _) in _tokens.Where(other => timeProvider.GetElapsedTime(other.Value.Since) >= freshness).ToList())
            {
                _tokens.Remove(old);
            }
        }
    }

    /// <summary>Removes and returns the token of a digest, or returns <see langword="null"/> if there is none.</summary>
    public string? Take(string digest)
    {
        lock (_lock)
        {
            return _tokens.Remove(digest, out var abandoned) && timeProvider.GetElapsedTime(abandoned.Since) < freshness
                ? abandoned.Token
                : null;
        }
    }
}
