using System.Globalization;
using System.Text;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.Relational;

/// <summary>
/// Represents a statement of a store that is in the database of a queue.
/// </summary>
/// <remarks>Immutable, safe for use by several threads.</remarks>
internal sealed class SqlStatement : StoreWrite
{
    /// <summary>
    /// Initializes a new instance of the <see cref="SqlStatement"/> class.
    /// </summary>
    /// <param name="text">The text, with a question mark for each value, and no other question mark.</param>
    /// <param name="values">The values in their order: each a <see cref="string"/>, a <see cref="long"/> or <see langword="null"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> or <paramref name="values"/> is <see langword="null"/>.</exception>
    public SqlStatement(string text, params IReadOnlyList<object?> values)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(values);
        Text = text;
        Values = values;
    }

    /// <summary>
    /// Gets the text, with a question mark for each value.
    /// </summary>
    public string Text { get; }

    /// <summary>
    /// Gets the values: each a <see cref="string"/>, a <see cref="long"/> or <see langword="null"/>.
    /// </summary>
    public IReadOnlyList<object?> Values { get; }

    /// <summary>
    /// Gets the text with the places of the values numbered from one.
    /// </summary>
    /// <param name="prefix">What stands before the number.</param>
    /// <returns>The text.</returns>
    public string Numbered(char prefix)
    {
        StringBuilder text = new(Text.Length + (2 * Values.Count));
        var number = 0;
        foreach (var character in Text)
        {
            if (character == '?')
            {
                text.Append(CultureInfo.InvariantCulture, $"{prefix}{++number}");
            }
            else
            {
                text.Append(character);
            }
        }

        return text.ToString();
    }
}
