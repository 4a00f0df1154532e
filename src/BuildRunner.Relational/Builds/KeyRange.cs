using System.Globalization;
using System.Text;

namespace BuildRunner.Relational;

/// <summary>Provides the bounds of ranges of keys and ids, in the order of their code points.</summary>
internal static class KeyRange
{
    private const long MaxMilliseconds = (1L << 48) - 1;

    /// <summary>Gets the first text after all that begin with a prefix, or null if there is none.</summary>
    public static string? EndOf(string prefix)
    {
        var runes = prefix.EnumerateRunes().Select(static rune => rune.Value).ToList();
        while (runes is [.., 0x10FFFF])
        {
            runes.RemoveAt(runes.Count - 1);
        }

        if (runes.Count == 0)
        {
            return null;
        }

        // Halves of surrogate pairs are no code points.
        runes[^1] = runes[^1] == 0xD7FF ? 0xE000 : runes[^1] + 1;
        return string.Concat(runes.Select(static rune => new Rune(rune).ToString()));
    }

    /// <summary>Gets the beginning of the ids of a millisecond, rounded up: no id of an earlier one is greater.</summary>
    public static string FirstIdOf(DateTimeOffset time)
    {
        var milliseconds = time.ToUnixTimeMilliseconds() + (time.UtcTicks % TimeSpan.TicksPerMillisecond == 0 ? 0 : 1);
        var hex = Math.Clamp(milliseconds, 0, MaxMilliseconds).ToString("x12", CultureInfo.InvariantCulture);
        return $"{hex[..8]}-{hex[8..]}";
    }
}
