namespace BuildRunner.Queue.Engines;

/// <summary>What an engine does with a message whose lease is given back. Immutable, compared by value.</summary>
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

    /// <summary>Gets how long the message is invisible: zero or more.</summary>
    public TimeSpan Delay { get; }

    /// <summary>Gets the failure, or <see langword="null"/> where nothing failed.</summary>
    public Failure? Failure { get; }

    public static Resolution Postpone(TimeSpan delay) => new(ResolutionKind.Postpone, delay);

    public static Resolution Retry(TimeSpan delay, Failure failure) => new(ResolutionKind.Retry, delay, failure);

    public static Resolution DeadLetter(Failure failure) => new(ResolutionKind.DeadLetter, failure: failure);
}

/// <summary>Specifies what an engine does with a message whose lease is given back.</summary>
internal enum ResolutionKind
{
    /// <summary>Nothing: no resolution has this kind.</summary>
    None,

    /// <summary>Deletes the message. If it was published again meanwhile, a fresh message remains, visible at the earliest time that was
    /// asked for.</summary>
    Done,

    /// <summary>Keeps the message current, invisible for the delay or until the earliest time that was asked for meanwhile. It has no
    /// failures any more.</summary>
    Postpone,

    /// <summary>Counts a failure and keeps the message invisible for the delay, while its partition goes on.</summary>
    Retry,

    /// <summary>Moves the message to the dead letters, in place of one of the same identity. If it was published again meanwhile, a fresh
    /// message remains. In a topic of dead letters, does what <see cref="Retry"/> does, with the longest delay of the policy.</summary>
    DeadLetter,

    /// <summary>Gives the lease back and changes nothing else: the message is what its partition offers next.</summary>
    HandBack,
}
