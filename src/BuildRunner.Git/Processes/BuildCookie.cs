namespace BuildRunner.Git.Processes;

/// <summary>What the processes of one run of a build carry in their environment, so that they are found wherever they have moved to.</summary>
internal static class BuildCookie
{
    /// <summary>What the command, and whatever it starts, carries the cookie in.</summary>
    public const string Variable = "BUILDRUNNER_COOKIE";

    /// <summary>What the runner's own git carries the cookie in. Another name, because it runs in the session of the runner, which must not be killed.</summary>
    public const string ToolVariable = "BUILDRUNNER_TOOL_COOKIE";

    private const int Length = 32;

    public static string Create() => Guid.NewGuid().ToString("N");

    /// <summary>Determines whether a text is a whole cookie. A part of one would be in every process that has any.</summary>
    public static bool IsCookie(string text) => text.Length == Length && text.All(char.IsAsciiHexDigitLower);
}
