namespace BuildRunner.Orchestration;

/// <summary>Composes notes. Runners may return any text, so it is cut.</summary>
internal static class BuildNote
{
    private const int MaxLength = 4000;

    public static string? Of(string? lasting, string? passing) => (lasting, passing) switch
    {
        (null or "", _) => passing ?? lasting,
        (_, null or "") => lasting,
        _ => Cut($"{lasting} {passing}"),
    };

    public static string Add(string? note, string sentence)
    {
        var added = Storable(sentence);
        return note?.Contains(added, StringComparison.Ordinal) == true ? note : Of(note, added)!;
    }

    public static string Storable(string text) => Cut(text.Replace('\0', '\uFFFD'));

    public static string Cut(string text, int length = MaxLength) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
