namespace BuildRunner.Queue;

/// <summary>
/// Represents what is to become of a message that was handled. The engine does it; a handler only says it.
/// </summary>
/// <remarks>Immutable, compared by value. "Not yet", which never counts, is <see cref="Postpone"/>; "failed, try again", which does, is <see cref="Retry"/>.</remarks>
public sealed record Outcome
{
    private Outcome(OutcomeKind kind, TimeSpan delay = default, Failure? failure = null)
    {
        Kind = kind;
        Delay = delay;
        Failure = failure;
    }

    /// <summary>
    /// Gets the outcome of a message that is finished.
    /// </summary>
    public static Outcome Done { get; } = new(OutcomeKind.Done);

    /// <summary>
    /// Gets after which time the message comes again. Zero unless it is postponed.
    /// </summary>
    public TimeSpan Delay { get; }

    /// <summary>
    /// Gets what failed, or <see langword="null"/> where nothing did.
    /// </summary>
    public Failure? Failure { get; }

    internal OutcomeKind Kind { get; }

    /// <summary>
    /// Makes the outcome of a message for which it is not time yet. It comes again after a delay, or earlier if it is published again meanwhile; until then nothing else of its partition is delivered. This counts as no failure and forgets those that were.
    /// </summary>
    /// <param name="delay">The delay. Zero or less means at once.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is more than <see cref="OutgoingMessage.MaxDelay"/>.</exception>
    public static Outcome Postpone(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, OutgoingMessage.MaxDelay);
        return new(OutcomeKind.Postpone, delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
    }

    /// <summary>
    /// Makes the outcome of a message that failed and may work another time. It comes again after a pause that grows with the failures, as often as <see cref="ConsumerOptions.MaxAttempts"/> allows, and becomes a dead letter then. The rest of its partition goes on. An exception from a handler is this outcome.
    /// </summary>
    /// <param name="failure">What failed.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public static Outcome Retry(Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new(OutcomeKind.Retry, failure: failure);
    }

    /// <summary>
    /// Makes the outcome of a message that failed and will not work. It becomes a dead letter.
    /// </summary>
    /// <param name="failure">What failed.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public static Outcome Reject(Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new(OutcomeKind.Reject, failure: failure);
    }
}
