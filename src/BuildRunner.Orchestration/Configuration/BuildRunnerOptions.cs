namespace BuildRunner.Orchestration;

/// <summary>Represents the options of one runner.</summary>
/// <remarks>Validated when the host starts. All processes that share a database need the same options for a runner, even those without it:
/// one may finish what another began.</remarks>
public sealed class BuildRunnerOptions
{
    /// <summary>Gets or sets the pause between two polls of a build that is not running: 1 millisecond to 1 hour. A hint of the runner,
    /// bounded to 0.5 seconds to 10 minutes, takes precedence. Up to a fifth is added at random. The default is 5 seconds.</summary>
    public TimeSpan AcceptedPollDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the pause between two polls of a running build: 1 millisecond to 1 hour. A hint of the runner, bounded to 0.5
    /// seconds to 10 minutes, takes precedence. Up to a fifth is added at random. The default is 2 seconds.</summary>
    public TimeSpan RunningPollDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets the maximum number of concurrent triggers, and of concurrent polls, in this process: 1 to 10,000. The default
    /// is 16.</summary>
    /// <remarks>The polls of an <see cref="IBuildStatusReader"/> share requests, so up to 512 run at a time, or this many if it is more.
    /// The runner limits its requests.</remarks>
    public int Concurrency { get; set; } = 16;

    /// <summary>Gets or sets the maximum number of calls per second in this process: 0.0001 (one in about three hours) to 1,000,000, or
    /// <see langword="null"/> for no limit. A burst is at most a second's worth, and at least one call. The default is 100.</summary>
    /// <remarks>Triggers, cancels and look-ups count. Polls of an <see cref="IBuildStatusReader"/> count only if a signal caused
    /// them.</remarks>
    public double? CallsPerSecond { get; set; } = 100;

    /// <summary>Gets or sets the time limit of a trigger: 1 millisecond to 1 day. The default is 30 seconds.</summary>
    public TimeSpan TriggerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the time limit of a poll, a look-up by key and a cancel: 1 millisecond to 1 day. The default is 30
    /// seconds.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the time that a build cancelled at its deadline has to end: more than twice <see cref="TriggerTimeout"/>, at
    /// most 30 days. After that its runner is polled once more, and the build ends as failed unless it has ended. The default is 5
    /// minutes.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets the time for which the runner must not know a build before the build ends as failed: zero to 30 days. The
    /// default is 1 minute.</summary>
    public TimeSpan MissingGrace { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets the pause after the first failed call: 1 millisecond to 1 day. It doubles with each further failure, and half
    /// of it is random. The default is 2 seconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets the maximum pause after a failed call, unless the runner asks for more: <see cref="RetryDelay"/> to 1 day. The
    /// default is 1 minute. After a <see cref="BuildRunnerConfigurationException"/> the pause starts at 30 seconds and grows to 5 minutes,
    /// or to this if it is longer.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets the time from the submission after which a build is cancelled if its submission sets none: 1 second to 365
    /// days, or <see langword="null"/>, the default, for <see cref="BuildOrchestrationOptions.DefaultTimeout"/>.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Gets or sets the time from when the runner has accepted a build until it must run, if its submission sets none: 1 second to
    /// 365 days, or <see langword="null"/>, the default, for no limit. After that the build is cancelled.</summary>
    public TimeSpan? PendingTimeout { get; set; }

    /// <summary>Gets or sets the time that a build may run if its submission sets none: 1 second to 365 days, or <see langword="null"/>,
    /// the default, for no limit. After that it is cancelled.</summary>
    public TimeSpan? RunTimeout { get; set; }

    /// <summary>Gets or sets how often and when a failed build is tried again, if its submission does not say. The default is not at
    /// all.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>Gets or sets the time for which the runner must report a build as cancelled that nobody asked to cancel, before the build
    /// ends: zero to 1 hour. The CI may run the same build again. The default is 30 seconds.</summary>
    public TimeSpan SettleDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the maximum number of builds that the runner has at a time, of all processes: 1 to 100,000, or <see
    /// langword="null"/>, the default, for no limit. The others wait.</summary>
    /// <remarks>Those that wait go in the order of their <see cref="BuildSubmission.Priority"/>, then of their owners in turn, then of
    /// their age. Builds that ended here without the runner's word do not count; it may have them as well. A build whose trigger is refused
    /// does not count while it must wait for longer than <see cref="MaxRetryDelay"/>. From its third refusal in a row on, it does not count
    /// while it must wait for half of that. It counts while the setup of the runner is at fault.</remarks>
    public int? MaxInFlight { get; set; }

    /// <summary>Gets or sets the minimum time between two triggers, of all processes: zero to 1 hour. The default is zero.</summary>
    /// <remarks>It is the time between the records that are saved just before the calls, by the clock of the store. The calls themselves
    /// may be closer together by what such a save takes. Repeated triggers of a build count, look-ups by key do not.</remarks>
    public TimeSpan MinInterval { get; set; }

    /// <summary>Gets or sets the number of builds that must fail in a row because of the infrastructure before no more are triggered for a
    /// while: 1 to 1000, or <see langword="null"/>, the default, for never.</summary>
    /// <remarks>Builds count that failed with <see cref="BuildFailureKinds.Infra"/> by the word of their runner, or that it has lost.
    /// Builds that ended here without its word, were cancelled or took too long neither count nor end the row.</remarks>
    public int? CooldownAfter { get; set; }

    /// <summary>Gets or sets the time for which no builds are triggered then: 1 second to 1 day. The default is 5 minutes.</summary>
    public TimeSpan Cooldown { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets the age at which a waiting build counts as old: 1 second to 30 days. While there are old ones, every second
    /// build that is triggered is the oldest, whatever its priority. The default is 1 hour.</summary>
    public TimeSpan PriorityAgeing { get; set; } = TimeSpan.FromHours(1);
}
