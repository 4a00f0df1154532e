namespace BuildRunner.Orchestration;

/// <summary>Provides the topics of the orchestration, which the README documents.</summary>
internal static class BuildTopics
{
    public const string Deadline = "builddeadline";
    public const string Change = "buildchange";
    public const string Group = "buildgroup";

    public static string TriggerOf(string runner) => Of("build.", runner, nameof(runner));

    public static string SignalOf(string runner) => Of("buildsignal.", runner, nameof(runner));

    public static string DispatchOf(string runner) => Of("builddispatch.", runner, nameof(runner));

    public static void ThrowIfUnfit(string runner, string paramName) => _ = Of("build.", runner, paramName);

    private static string Of(string prefix, string runner, string paramName)
    {
        ArgumentNullException.ThrowIfNull(runner, paramName);
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
