namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents what an engine does with a message whose lease is given back.
/// </summary>
/// <remarks>Immutable, compared by value.</remarks>
internal sealed record Resolution
{
    private Resolution(ResolutionKind kind, TimeSpan delay = default, Failure? failure = null)
    {
        Kind = kind;
        Delay = delay;
        Failure = failure;
    }

    /// <summary>
    /// Gets the resolution that deletes the message.
    /// </summary>
    public static Resolution Done { get; } = new(ResolutionKind.Done);

    /// <summary>
    /// Gets the resolution that gives back the lease alone.
    /// </summary>
    public static Resolution HandBack { get; } = new(ResolutionKind.HandBack);

    /// <summary>
    /// Gets what is done.
    /// </summary>
    public ResolutionKind Kind { get; }

    /// <summary>
    /// Gets how long the message is invisible: zero or more.
    /// </summary>
    public TimeSpan Delay { get; }

    /// <summary>
    /// Gets what failed, or <see langword="null"/> where nothing did.
    /// </summary>
    public Failure? Failure { get; }

    /// <summary>
    /// Makes the resolution that keeps the message at the head of its partition.
    /// </summary>
    /// <param name="delay">How long the message is invisible: zero or more.</param>
    /// <returns>The resolution.</returns>
    public static Resolution Postpone(TimeSpan delay) => new(ResolutionKind.Postpone, delay);

    /// <summary>
    /// Makes the resolution that counts a failure.
    /// </summary>
    /// <param name="delay">How long the message is invisible: zero or more.</param>
    /// <param name="failure">What failed.</param>
    /// <returns>The resolution.</returns>
    public static Resolution Retry(TimeSpan delay, Failure failure) => new(ResolutionKind.Retry, delay, failure);

    /// <summary>
    /// Makes the resolution that moves the message to the dead-letter topic.
    /// </summary>
    /// <param name="failure">What failed.</param>
    /// <returns>The resolution.</returns>
    public static Resolution DeadLetter(Failure failure) => new(ResolutionKind.DeadLetter, failure: failure);
}
