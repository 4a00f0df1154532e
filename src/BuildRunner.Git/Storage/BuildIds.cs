using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace BuildRunner.Git.Storage;

/// <summary>Makes the ids of builds: each is greater than the one before, in the order of text, and differs from those of every other process.</summary>
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
            // Milliseconds and a count; a clock that stands still or goes back, or a full count, borrows from the time to come.
            time = Math.Max(_last + 1, (ulong)timeProvider.GetUtcNow().ToUnixTimeMilliseconds() << CounterBits);
            _last = time;
        }

        return new BuildId(string.Create(CultureInfo.InvariantCulture, $"git-{time:x16}{RandomNumberGenerator.GetHexString(16, lowercase: true)}"));
    }

    /// <summary>Determines whether a text is an id as they are made here, so that a path can be built of it.</summary>
    public static bool IsId(string text) => Pattern().IsMatch(text);

    [GeneratedRegex(@"^git-[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
