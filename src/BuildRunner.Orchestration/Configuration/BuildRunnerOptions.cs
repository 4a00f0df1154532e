namespace BuildRunner.Orchestration;

/// <summary>
/// Represents how one runner is called.
/// </summary>
/// <remarks>Validated when the host starts. One set of options per name of a runner. All processes that share a database need the same,
/// also those that do not have the runner: what one has begun, another judges.</remarks>
public sealed class BuildRunnerOptions
{
    /// <summary>
    /// Gets or sets the pause between two polls of a build that is not running yet: 1 millisecond to 1 hour. A hint of the runner, bounded
    /// to 0.5 seconds to 10 minutes, goes before it, and up to a fifth is added by chance. The default is 5 seconds.
    /// </summary>
    public TimeSpan AcceptedPollDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the pause between two polls of a running build: 1 millisecond to 1 hour. A hint of the runner, bounded to 0.5 seconds
    /// to 10 minutes, goes before it, and up to a fifth is added by chance. The default is 2 seconds.
    /// </summary>
    public TimeSpan RunningPollDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets how many triggers, and how many polls, may be under way at a time in this process: 1 to 10,000. The default is 16.
    /// </summary>
    /// <remarks>The polls of a runner that is an <see cref="IBuildStatusReader"/> share their requests. Up to 512 of them are under way,
    /// or this many where it is more; the runner bounds its requests.</remarks>
    public int Concurrency { get; set; } = 16;

    /// <summary>
    /// Gets or sets how many calls of the runner there may be per second in this process: 0.0001, which is one in some three hours, to
    /// 1,000,000, or <see langword="null"/> for no limit. At most a second's worth, and one at least, comes at once. The default is 100.
    /// </summary>
    /// <remarks>The polls of a runner that is an <see cref="IBuildStatusReader"/> do not count, but for those that a signal has caused.
    /// Triggers, cancels and look-ups count.</remarks>
    public double? CallsPerSecond { get; set; } = 100;

    /// <summary>
    /// Gets or sets how long a trigger may take: 1 millisecond to 1 day. The default is 30 seconds.
    /// </summary>
    public TimeSpan TriggerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets how long each other call of the runner may take, which are those that ask for a status, find a build by its key, and
    /// cancel: 1 millisecond to 1 day. The default is 30 seconds.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets how long after its deadline a build that has been cancelled may take to end: more than twice
    /// <see cref="TriggerTimeout"/>, at most 30 days. Then its runner is asked once more, and the build ends as failed if that does not say
    /// how it ended. The default is 5 minutes.
    /// </summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets how long the runner must say that it does not know a build before that is believed: zero to 30 days. The default is 1
    /// minute.
    /// </summary>
    public TimeSpan MissingGrace { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets the pause after a first call that has failed: 1 millisecond to 1 day. It doubles with each further failure, and half of
    /// it is random. The default is 2 seconds.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets the longest pause after a call that has failed, unless the runner asks for a longer one: <see cref="RetryDelay"/> to 1
    /// day. The default is 1 minute. After a <see cref="BuildRunnerConfigurationException"/> the pause is 30 seconds at first and grows to
    /// 5 minutes, or to this where it is longer.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);
}
