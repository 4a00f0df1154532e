namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>Texts that a database is tempted to take for the same.</summary>
public static class Texts
{
    public static TheoryData<string, string> Different => new()
    {
        { "a", "A" },
        { "a", "a " },
        { "a", " a" },
        { "e\u0301", "\u00e9" },
        { "\u00df", "ss" },
        { "a", "a\u200b" },
        { "\ud83d\ude00", "\ud83d\ude01" },
        { "'; DROP TABLE queue_messages; --", "'; DROP TABLE queue_messages; -- " },
        { "%", "_" },
        { "\\", "\\\\" },
        { "\u0001", "\u0002" },
        { "\uffff", "\ufffd" },
    };
}
