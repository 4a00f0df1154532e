namespace BuildRunner.Git.Processes;

/// <summary>Provides the cookies that all processes of a build run carry in their environment, by which they are found.</summary>
internal static class BuildCookie
{
    /// <summary>The variable that holds the cookie of the command and its descendants.</summary>
    public const string Variable = "BUILDRUNNER_COOKIE";

    /// <summary>The variable that holds the cookie of the runner's own git. It differs because git runs in the session of the runner, which
    /// must not be killed.</summary>
    public const string ToolVariable = "BUILDRUNNER_TOOL_COOKIE";

    private const int Length = 32;

    public static string Create() => Guid.NewGuid().ToString("N");

    /// <summary>Determines whether a text is a complete cookie. A partial one could match the processes of any build.</summary>
    public static bool IsCookie(string text) => text.Length == Length && text.All(char.IsAsciiHexDigitLower);
}
