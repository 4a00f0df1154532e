namespace BuildRunner.Queue.Engines;

/// <summary>Represents what an engine does with a message when its lease is given back. Immutable, compared by value.</summary>
internal sealed record Resolution
{
    private Resolution(ResolutionKind kind, TimeSpan delay = default, Failure? failure = null)
    {
        Kind = kind;
        Delay = delay;
        Failure = failure;
    }

    public static Resolution Done { get; } = new(ResolutionKind.Done);

    public static Resolution HandBack { get; } = new(ResolutionKind.HandBack);

    public ResolutionKind Kind { get; }

    /// <summary>Gets the time for which the message stays invisible: zero or more.</summary>
    public TimeSpan Delay { get; }

    /// <summary>Gets the failure, or <see langword="null"/> if there is none.</summary>
    public Failure? Failure { get; }

    public static Resolution Postpone(TimeSpan delay) => new(ResolutionKind.Postpone, delay);

    public static Resolution Retry(TimeSpan delay, Failure failure) => new(ResolutionKind.Retry, delay, failure);

    public static Resolution DeadLetter(Failure failure) => new(ResolutionKind.DeadLetter, failure: failure);
}

/// <summary>Specifies what an engine does with a message when its lease is given back.</summary>
internal enum ResolutionKind
{
    /// <summary>Not used by any resolution.</summary>
    None,

    /// <summary>Deletes the message. If it was published again meanwhile, a new one remains, due at the earliest requested time.</summary>
    Done,

    /// <summary>Keeps the message current, invisible for the delay or until the earliest requested time. Resets its failures.</summary>
    Postpone,

    /// <summary>Counts a failure and keeps the message invisible for the delay, while its partition continues.</summary>
    Retry,

    /// <summary>Moves the message to the dead letters, replacing one with its identity. If it was published again meanwhile, a new message
    /// remains. In a dead-letter topic, retries with the maximum delay of the policy.</summary>
    DeadLetter,

    /// <summary>Gives the lease back and changes nothing else: the partition offers the message next.</summary>
    HandBack,
}
