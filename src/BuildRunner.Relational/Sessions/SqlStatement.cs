using System.Globalization;
using System.Text;

namespace BuildRunner.Relational;

/// <summary>Represents a statement of a store in the queue's database.</summary>
/// <param name="text">The text, with a question mark for each value, and no other question mark.</param>
/// <param name="values">The values in order: each a <see cref="string"/>, a <see cref="long"/> or <see langword="null"/>.</param>
internal sealed class SqlStatement(string text, params IReadOnlyList<object?> values) : StoreWrite
{
    public string Text { get; } = text;

    public IReadOnlyList<object?> Values { get; } = values;

    /// <summary>Gets the text with its question marks replaced by a prefix and a number from 1.</summary>
    public string Numbered(char prefix)
    {
        StringBuilder numbered = new(Text.Length + (2 * Values.Count));
        var number = 0;
        foreach (var character in Text)
        {
            _ = character == '?'
                ? numbered.Append(CultureInfo.InvariantCulture, $"{prefix}{++number}")
                : numbered.Append(character);
        }

        return numbered.ToString();
    }
}
