namespace BuildRunner.Queue;

/// <summary>Represents the outcome of handling a message. The handler returns it; the engine applies it.</summary>
/// <remarks>Immutable, compared by value. Return <see cref="Postpone"/> for "not yet", which never counts as a failure, and
/// <see cref="Retry"/> for "failed, try again", which does.</remarks>
public sealed record Outcome
{
    private Outcome(OutcomeKind kind, TimeSpan delay = default, Failure? failure = null) =>
        (Kind, Delay, Failure) = (kind, delay, failure);

    /// <summary>Gets the outcome that deletes a finished message.</summary>
    public static Outcome Done { get; } = new(OutcomeKind.Done);

    /// <summary>Gets the delay before the message is delivered again. Zero unless it is postponed.</summary>
    public TimeSpan Delay { get; }

    /// <summary>Gets the failure, or <see langword="null"/> if there is none.</summary>
    public Failure? Failure { get; }

    internal static Outcome HandBack { get; } = new(OutcomeKind.HandBack);

    internal OutcomeKind Kind { get; }

    /// <summary>Creates the outcome that delivers the message again after a delay, or earlier if it is published again. Until then nothing
    /// else in its partition is delivered. This is not a failure and resets the failure count.</summary>
    /// <param name="delay">The delay. Zero or less delivers the message again at once.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is more than
    /// <see cref="OutgoingMessage.MaxDelay"/>.</exception>
    public static Outcome Postpone(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, OutgoingMessage.MaxDelay);
        return new(OutcomeKind.Postpone, delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
    }

    /// <summary>Creates the outcome that retries a failed message after a pause that grows with each failure. After
    /// <see cref="ConsumerOptions.MaxAttempts"/> failures the message becomes a dead letter. Its partition continues meanwhile. An
    /// exception from a handler has this outcome.</summary>
    /// <param name="failure">The failure.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public static Outcome Retry(Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new(OutcomeKind.Retry, failure: failure);
    }

    /// <summary>Creates the outcome that makes the message a dead letter at once, because a retry cannot succeed.</summary>
    /// <param name="failure">The failure.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public static Outcome Reject(Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new(OutcomeKind.Reject, failure: failure);
    }

    internal static Outcome RetryAfter(TimeSpan delay, Failure failure) => new(OutcomeKind.Retry, delay, failure);
}

/// <summary>Specifies what becomes of a message when its lease is given back.</summary>
internal enum OutcomeKind
{
    /// <summary>Deletes the message. If it was published again meanwhile, a new one remains, due at the earliest requested time.</summary>
    Done = 1,

    /// <summary>Keeps the message current, invisible for the delay or until the earliest requested time. Resets its failures.</summary>
    Postpone,

    /// <summary>Counts a failure and keeps the message invisible for the delay, while its partition continues.</summary>
    Retry,

    /// <summary>Moves the message to the dead letters, replacing one with its identity. If it was published again meanwhile, a new message
    /// remains. In a dead-letter topic, retries with the maximum delay of the policy.</summary>
    Reject,

    /// <summary>Gives the lease back and changes nothing else: the partition offers the message next. No handler returns it.</summary>
    HandBack,
}
