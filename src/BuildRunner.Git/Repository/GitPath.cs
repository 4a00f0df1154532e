using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Converts a path of git, which is bytes, to text on one line.</summary>
internal static class GitPath
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Gets the path, quoted and escaped as git does if it has special characters.</summary>
    public static string ToText(ReadOnlySpan<byte> path)
    {
        var isUtf8 = System.Text.Unicode.Utf8.IsValid(path);
        if (isUtf8 && !path.ContainsAny((byte)'"', (byte)'\\', (byte)0x7F) && !path.ContainsAnyInRange((byte)0, (byte)0x1F))
        {
            return Strict.GetString(path);
        }

        var quoted = new StringBuilder("\"");
        foreach (var value in path)
        {
            _ = value switch
            {
                (byte)'"' or (byte)'\\' => quoted.Append('\\').Append((char)value),
                (byte)'\n' => quoted.Append("\\n"),
                (byte)'\t' => quoted.Append("\\t"),
                (byte)'\r' => quoted.Append("\\r"),
                < 0x20 or >= 0x7F => quoted.Append('\\').Append(Octal(value)),
                _ => quoted.Append((char)value),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static string Octal(byte value) =>
        string.Create(CultureInfo.InvariantCulture, $"{value >> 6}{(value >> 3) & 7}{value & 7}");
}
