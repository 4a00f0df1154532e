namespace BuildRunner.Queue;

/// <summary>Validates topic names and maps topics to their dead-letter topics.</summary>
internal static class Topic
{
    /// <summary>
    /// The maximum length of a topic in characters. A dead-letter topic may be longer by its suffix.
    /// </summary>
    public const int MaxLength = 200;

    private const string DeadLetterSuffix = "_dlq";

    /// <summary>
    /// Gets the dead-letter topic of a topic.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <returns>The topic followed by <c>_dlq</c>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> is <see langword="null"/>.</exception>
    public static string DeadLettersOf(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return topic + DeadLetterSuffix;
    }

    /// <summary>
    /// Determines whether a topic is a dead-letter topic. Messages in it never become dead letters again.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <returns><see langword="true"/> if <paramref name="topic"/> ends with <c>_dlq</c>; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> is <see langword="null"/>.</exception>
    public static bool IsForDeadLetters(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return topic.Length > DeadLetterSuffix.Length && topic.EndsWith(DeadLetterSuffix, StringComparison.Ordinal);
    }

    internal static string WithoutDeadLetterSuffix(string topic) => topic[..^DeadLetterSuffix.Length];

    /// <summary>
    /// Throws an exception if a topic name is not valid.
    /// </summary>
    /// <param name="topic">The topic name to validate.</param>
    /// <param name="parameterName">The name of the parameter, supplied by the compiler.</param>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is empty, is longer than <see cref="MaxLength"/>, contains U+0000, or
    /// is not well-formed UTF-16.</exception>
    public static void ThrowIfInvalid(
        string topic, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(topic))] string? parameterName = null)
    {
        ArgumentNullException.ThrowIfNull(topic, parameterName);
        var maxLength = MaxLength + (IsForDeadLetters(topic) ? DeadLetterSuffix.Length : 0);
        QueueText.ThrowIfUnfit(topic, maxLength, "The topic", parameterName ?? nameof(topic));
    }
}
