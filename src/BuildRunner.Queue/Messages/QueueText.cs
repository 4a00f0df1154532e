using System.Text;

namespace BuildRunner.Queue;

/// <summary>Validates text that every engine must store and compare exactly.</summary>
internal static class QueueText
{
    public static void ThrowIfUnfit(string value, int maxLength, string what, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(value, parameterName);
        if (value.Length == 0 || value.Length > maxLength)
        {
            throw new ArgumentException($"{what} has {value.Length} characters; it must have 1 to {maxLength}.", parameterName);
        }

        ThrowIfUnstorable(value, what, parameterName);
    }

    /// <summary>Returns the text if it is valid.</summary>
    public static string Fit(string value, int maxLength, string what, string parameterName)
    {
        ThrowIfUnfit(value, maxLength, what, parameterName);
        return value;
    }

    public static void ThrowIfUnstorable(string value, string what, string parameterName)
    {
        // Most texts have none of them.
        if (!value.Contains('\0', StringComparison.Ordinal) && !value.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            return;
        }

        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsSurrogatePair(value, i))
            {
                i++;
            }
            else if (value[i] == '\0' || char.IsSurrogate(value[i]))
            {
                throw new ArgumentException(
                    $"{what} has U+0000 or half of a surrogate pair at {i}; it must be well-formed UTF-16 without U+0000.", parameterName);
            }
        }
    }

    /// <summary>Cuts a text to a maximum number of UTF-8 bytes and replaces characters that cannot be stored.</summary>
    public static string Bounded(string value, int maxBytes)
    {
        var bytes = 0;
        StringBuilder bounded = new(Math.Min(value.Length, maxBytes));
        foreach (var rune in value.EnumerateRunes())
        {
            var storable = rune.Value == 0 ? Rune.ReplacementChar : rune;
            bytes += storable.Utf8SequenceLength;
            if (bytes > maxBytes)
            {
                break;
            }

            bounded.Append(storable);
        }

        return bounded.ToString();
    }
}
