using System.Runtime.CompilerServices;

namespace BuildRunner.Queue;

internal static class Topic
{
    /// <summary>The maximum length in characters. A dead-letter topic may be longer by its suffix.</summary>
    public const int MaxLength = 200;

    private const string DeadLetterSuffix = "_dlq";

    public static string DeadLettersOf(string topic) => topic + DeadLetterSuffix;

    /// <summary>Determines whether a topic is a dead-letter topic. Messages in it never become dead letters again.</summary>
    public static bool IsForDeadLetters(string topic) =>
        topic.Length > DeadLetterSuffix.Length && topic.EndsWith(DeadLetterSuffix, StringComparison.Ordinal);

    public static string WithoutDeadLetterSuffix(string topic) => topic[..^DeadLetterSuffix.Length];

    public static void ThrowIfInvalid(string topic, [CallerArgumentExpression(nameof(topic))] string? parameterName = null)
    {
        ArgumentNullException.ThrowIfNull(topic, parameterName);
        var maxLength = MaxLength + (IsForDeadLetters(topic) ? DeadLetterSuffix.Length : 0);
        QueueText.ThrowIfUnfit(topic, maxLength, "The topic", parameterName!);
    }
}
