using System.Globalization;
using System.Text;

namespace BuildRunner.Relational;

/// <summary>Any text in a column that cannot have U+0000 or half of a surrogate pair: these are escaped with a backslash, and so is the backslash.</summary>
internal static class StoredText
{
    private const int HexLength = 4;

    /// <summary>Determines whether a column can have the text as it is.</summary>
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

    /// <summary>Determines whether there is half of a pair, and goes to the second half of a whole one.</summary>
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
