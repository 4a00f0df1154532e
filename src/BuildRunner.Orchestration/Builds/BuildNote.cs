namespace BuildRunner.Orchestration;

/// <summary>How notes are put together. What a runner says may be any text, and is cut.</summary>
internal static class BuildNote
{
    private const int MaxLength = 4000;

    /// <summary>What is shown of a note: what lasts, and what passes behind it.</summary>
    public static string? Of(string? lasting, string? passing) => (lasting, passing) switch
    {
        (null or "", _) => passing ?? lasting,
        (_, null or "") => lasting,
        _ => Cut($"{lasting} {passing}"),
    };

    /// <summary>Adds a sentence to those that there are, unless it is one of them.</summary>
    public static string Add(string? note, string sentence)
    {
        var added = Storable(sentence);
        return note?.Contains(added, StringComparison.Ordinal) == true ? note : Of(note, added)!;
    }

    public static string Storable(string text) => Cut(text.Replace('\0', '\uFFFD'));

    public static string Cut(string text, int length = MaxLength) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
