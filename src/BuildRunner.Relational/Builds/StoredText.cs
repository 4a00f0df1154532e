using System.Globalization;
using System.Text;

namespace BuildRunner.Relational;

/// <summary>Escapes U+0000 and halves of surrogate pairs, which a text column cannot hold, and backslashes, with a backslash.</summary>
internal static class StoredText
{
    private const int HexLength = 4;

    /// <summary>Determines whether a column can hold the text unescaped.</summary>
    public static bool IsFit(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\0' || IsHalf(value, ref i))
            {
                return false;
            }
        }

        return true;
    }

    public static string Write(string value)
    {
        if (!value.Contains('\\', StringComparison.Ordinal) && IsFit(value))
        {
            return value;
        }

        StringBuilder text = new(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var first = i;
            if (value[i] == '\0' || IsHalf(value, ref i))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)value[i]:x4}");
            }
            else
            {
                text.Append(value[i] == '\\' ? "\\" : "").Append(value, first, i - first + 1);
            }
        }

        return text.ToString();
    }

    public static string Read(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        StringBuilder value = new(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                value.Append(text[i]);
            }
            else if (text[++i] == 'u')
            {
                value.Append((char)ushort.Parse(text.AsSpan(i + 1, HexLength), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += HexLength;
            }
            else
            {
                value.Append(text[i]);
            }
        }

        return value.ToString();
    }

    /// <summary>Determines whether there is half of a surrogate pair; skips the first half of a whole one.</summary>
    private static bool IsHalf(string value, ref int index)
    {
        if (index + 1 < value.Length && char.IsSurrogatePair(value[index], value[index + 1]))
        {
            index++;
            return false;
        }

        return char.IsSurrogate(value[index]);
    }
}
