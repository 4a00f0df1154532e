using System.Text.Json;

namespace BuildRunner;

/// <summary>Provides what the converters have in common when reading. Malformed JSON is always a <see cref="JsonException"/>.</summary>
/// <remarks>The converters are written by hand. With attributes, the host's options would change what is written, a repeated member would
/// win silently, and reading would throw the <see cref="ArgumentException"/> of a setter.</remarks>
internal static class WireReader
{
    /// <summary>Checks that the reader is at the start of an object.</summary>
    public static void ExpectObject(ref Utf8JsonReader reader, string what) =>
        Expect(ref reader, JsonTokenType.StartObject, what, "an object");

    /// <summary>Moves to the name of the next member of the object.</summary>
    /// <returns><see langword="false"/> at the end of the object.</returns>
    public static bool NextMember(ref Utf8JsonReader reader)
    {
        Advance(ref reader);
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Moves to the next item of an array.</summary>
    /// <returns><see langword="false"/> at the end of the array.</returns>
    public static bool NextItem(ref Utf8JsonReader reader)
    {
        Advance(ref reader);
        return reader.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Moves to the next token that is not a comment.</summary>
    public static void Advance(ref Utf8JsonReader reader)
    {
        do
        {
            if (!reader.Read())
            {
                throw new JsonException("The JSON text ends too early; it must be complete.");
            }
        }
        while (reader.TokenType == JsonTokenType.Comment);
    }

    /// <summary>Determines whether the member has this name, with the same case.</summary>
    public static bool NameIs(ref Utf8JsonReader reader, string name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException exception)
        {
            throw IllFormed("The name of a member", exception);
        }
    }

    /// <summary>Skips a member that is not known.</summary>
    public static void SkipMember(ref Utf8JsonReader reader)
    {
        // To the value first: skipping from the name would stop at a comment between the two.
        Advance(ref reader);

        // TrySkip, because Skip fails on a reader that is not at the final block, even if the block holds the whole value.
        if (!reader.TrySkip())
        {
            throw new JsonException("The JSON text ends too early; it must be complete.");
        }
    }

    public static string ReadString(ref Utf8JsonReader reader, string what)
    {
        Expect(ref reader, JsonTokenType.String, what, "a string");
        return ReadText(ref reader, what);
    }

    public static string? ReadStringOrNull(ref Utf8JsonReader reader, string what) =>
        reader.TokenType == JsonTokenType.Null ? null : ReadString(ref reader, what);

    /// <summary>Reads the text of a string or of a member's name.</summary>
    public static string ReadText(ref Utf8JsonReader reader, string what)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw IllFormed(what, exception);
        }
    }

    /// <summary>Reads an array of items that are not null.</summary>
    public static List<T> ReadArray<T>(ref Utf8JsonReader reader, string what, ItemReader<T> readItem)
    {
        Expect(ref reader, JsonTokenType.StartArray, what, "an array");
        List<T> items = [];
        while (NextItem(ref reader))
        {
            items.Add(readItem(ref reader));
        }

        return items;
    }

    /// <summary>Creates an object from what was read. The object's own validation may reject it.</summary>
    public static T Make<T, TArgument>(TArgument argument, Func<TArgument, T> make)
    {
        try
        {
            return make(argument);
        }
        catch (ArgumentException exception)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType expected, string what, string form)
    {
        if (reader.TokenType != expected)
        {
            throw new JsonException($"{what} is {reader.TokenType} in JSON; it must be {form}.");
        }
    }

    private static JsonException IllFormed(string what, InvalidOperationException exception) =>
        new($"{what} is not well-formed text; it must be valid UTF-8 without unpaired surrogates.", exception);

    public delegate T ItemReader<out T>(ref Utf8JsonReader reader);
}
