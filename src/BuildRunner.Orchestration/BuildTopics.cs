using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>
/// Provides the topics of the orchestration, to inspect dead letters or metrics.
/// </summary>
public static class BuildTopics
{
    /// <summary>
    /// The topic of the messages that end builds after their deadline.
    /// </summary>
    public const string Deadline = "builddeadline";

    /// <summary>
    /// The topic of the messages that notify observers.
    /// </summary>
    public const string Change = "buildchange";

    private const string TriggerPrefix = "build.";
    private const string SignalPrefix = "buildsignal.";
    private const string DispatchPrefix = "builddispatch.";

    /// <summary>
    /// Gets the topic of the messages that trigger the builds of a runner.
    /// </summary>
    /// <param name="runner">The name of the runner.</param>
    /// <returns>The topic.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="runner"/> is empty, longer than 100 characters, ends with <c>_dlq</c>, or has
    /// U+0000 or ill-formed UTF-16.</exception>
    public static string TriggerOf(string runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        return Of(TriggerPrefix, runner, nameof(runner));
    }

    /// <summary>
    /// Gets the topic of the messages that poll the builds of a runner.
    /// </summary>
    /// <param name="runner">The name of the runner.</param>
    /// <returns>The topic.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="runner"/> is empty, longer than 100 characters, ends with <c>_dlq</c>, or has
    /// U+0000 or ill-formed UTF-16.</exception>
    public static string SignalOf(string runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        return Of(SignalPrefix, runner, nameof(runner));
    }

    /// <summary>
    /// Gets the topic of the message that lets in the builds that wait for a runner.
    /// </summary>
    /// <param name="runner">The name of the runner.</param>
    /// <returns>The topic.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="runner"/> is empty, longer than 100 characters, ends with <c>_dlq</c>, or has
    /// U+0000 or ill-formed UTF-16.</exception>
    public static string DispatchOf(string runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        return Of(DispatchPrefix, runner, nameof(runner));
    }

    internal static void ThrowIfUnfit(string runner, string paramName) => _ = Of(TriggerPrefix, runner, paramName);

    private static string Of(string prefix, string runner, string paramName)
    {
        if (runner.Length is 0 or > BuildSubmission.MaxRunnerLength)
        {
            throw new ArgumentException(
                $"The name of the runner has {runner.Length} characters; it must have 1 to {BuildSubmission.MaxRunnerLength}.", paramName);
        }

        var topic = prefix + runner;
        Topic.ThrowIfInvalid(topic, paramName);
        return Topic.IsForDeadLetters(topic)
            ? throw new ArgumentException($"The runner '{runner}' has a name like a topic of dead letters; choose another.", paramName)
            : topic;
    }
}
