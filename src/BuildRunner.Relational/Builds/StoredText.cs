using System.Globalization;
using System.Text.RegularExpressions;

namespace BuildRunner.Relational;

/// <summary>Escapes U+0000 and halves of surrogate pairs, which a text column cannot hold, and backslashes, with a backslash.</summary>
internal static partial class StoredText
{
    private const string UnfitPattern = @"\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]";

    /// <summary>Determines whether a column can hold the text unescaped.</summary>
    public static bool IsFit(string value) => !Unfit().IsMatch(value);

    public static string Write(string value) => Special().Replace(value, static special => special.Value == "\\"
        ? @"\\"
        : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)special.Value[0]:x4}"));

    public static string Read(string text) => Escape().Replace(text, static escape => escape.Length == 2
        ? "\\"
        : ((char)ushort.Parse(escape.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());

    [GeneratedRegex(UnfitPattern)]
    private static partial Regex Unfit();

    [GeneratedRegex($@"\\|{UnfitPattern}")]
    private static partial Regex Special();

    [GeneratedRegex(@"\\(?:\\|u[0-9a-f]{4})")]
    private static partial Regex Escape();
}
