using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace BuildRunner.Git.Storage;

/// <summary>Creates build ids, which are unique across processes and ascend in ordinal order.</summary>
internal sealed partial class BuildIds(TimeProvider timeProvider)
{
    private const int CounterBits = 16;

    private readonly Lock _lock = new();
    private ulong _last;

    public BuildId Next()
    {
        ulong time;
        lock (_lock)
        {
            // Milliseconds and a counter. If the clock stands still or goes back, or the counter is full, the id borrows from the future.
            time = Math.Max(_last + 1, (ulong)timeProvider.GetUtcNow().ToUnixTimeMilliseconds() << CounterBits);
            _last = time;
        }

        var random = RandomNumberGenerator.GetHexString(16, lowercase: true);
        return new BuildId(string.Create(CultureInfo.InvariantCulture, $"git-{time:x16}{random}"));
    }

    /// <summary>Determines whether a text has the form of these ids, and is safe in a path.</summary>
    public static bool IsId(string text) => Pattern().IsMatch(text);

    [GeneratedRegex(@"^git-[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
