namespace BuildRunner.Queue;

/// <summary>The rules for the names of topics.</summary>
internal static class Topic
{
    /// <summary>
    /// The number of characters that a topic may have, that of a dead-letter topic without its ending.
    /// </summary>
    public const int MaxLength = 200;

    private const string DeadLetterSuffix = "_dlq";

    /// <summary>
    /// Gets the topic that the dead letters of a topic go to.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <returns>The topic with <c>_dlq</c> at its end.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> is <see langword="null"/>.</exception>
    public static string DeadLettersOf(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return topic + DeadLetterSuffix;
    }

    /// <summary>
    /// Gets a value indicating whether dead letters go to a topic. Nothing is dead-lettered from such a topic again.
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
    /// Throws an exception if a text cannot be the name of a topic.
    /// </summary>
    /// <param name="topic">The text to look at.</param>
    /// <param name="parameterName">The name of the parameter, filled in by the compiler.</param>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is empty, is longer than <see cref="MaxLength"/>, has U+0000, or is not well-formed UTF-16.</exception>
    public static void ThrowIfInvalid(string topic, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(topic))] string? parameterName = null)
    {
        ArgumentNullException.ThrowIfNull(topic, parameterName);
        QueueText.ThrowIfUnfit(topic, MaxLength + (IsForDeadLetters(topic) ? DeadLetterSuffix.Length : 0), "The topic", parameterName ?? nameof(topic));
    }
}
