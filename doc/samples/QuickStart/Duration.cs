using System.CommandLine.Parsing;
using System.Globalization;

namespace QuickStart;

/// <summary>A time as a person writes it: a number with a unit, or hours, minutes and seconds.</summary>
internal static class Duration
{
    public static TimeSpan? Parse(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (Parse(text) is { } time && time > TimeSpan.Zero && time <= TimeSpan.FromDays(49))
        {
            return time;
        }

        argument.AddError($"'{text}' is not a time of at most 49 days; write it as 90s, 20m, 1h or 00:20:00.");
        return null;
    }

    // Not a number alone, which TimeSpan takes for days.
    private static TimeSpan? Parse(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null;
        }

        var seconds = text.Length == 0 ? null : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => (int?)null };
        return seconds is { } unit && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count <= 1e7
            ? TimeSpan.FromSeconds(count * unit)
            : null;
    }
}
