using System.Buffers;
using System.Text;

namespace BuildRunner;

internal static class Utf16
{
    // Not IndexOfAnyInRange, which boxes its bounds until the code is optimised. Every build id passes through here.
    private static readonly SearchValues<char> Surrogates =
        SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Select(static unit => (char)unit)]);

    /// <summary>Determines whether the text has no unpaired surrogates and so survives a round trip through UTF-8.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        var next = text.IndexOfAny(Surrogates);
        while (next >= 0)
        {
            text = text[next..];
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != OperationStatus.Done)
            {
                return false;
            }

            text = text[consumed..];
            next = text.IndexOfAny(Surrogates);
        }

        return true;
    }

    /// <summary>Throws an exception if the text has an unpaired surrogate.</summary>
    /// <exception cref="ArgumentException">The text has an unpaired surrogate.</exception>
    public static void ThrowIfIllFormed(string text, string what, string parameterName)
    {
        if (!IsWellFormed(text))
        {
            throw new ArgumentException($"{what} has an unpaired surrogate; it must be well-formed UTF-16.", parameterName);
        }
    }
}
