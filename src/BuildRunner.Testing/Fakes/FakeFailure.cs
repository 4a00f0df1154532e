namespace BuildRunner.Testing;

/// <summary>
/// Represents the failure of one call to a <see cref="FakeBuildRunner"/>.
/// </summary>
/// <remarks>Immutable. What it throws is what the contract asks of every runner.</remarks>
public sealed class FakeFailure
{
    private readonly Func<bool, BuildId?, BuildRunnerException> _create;

    private FakeFailure(Func<bool, BuildId?, BuildRunnerException> create) => _create = create;

    /// <summary>Gets a value indicating whether the call takes effect before it fails.</summary>
    internal bool TakesEffect { get; private init; }

    /// <summary>Gets a value indicating whether the call waits for its token instead.</summary>
    internal bool Hanging { get; private init; }

    /// <summary>Gets a value indicating whether a build that has ended makes the call do nothing instead.</summary>
    internal bool SparesEnded { get; private init; }

    /// <summary>
    /// Makes a failure that may be over at the next try.
    /// </summary>
    /// <param name="retryAfter">How long the backend asks to be left alone, or <see langword="null"/> if it says nothing.</param>
    /// <returns>The failure.</returns>
    public static FakeFailure Transient(TimeSpan? retryAfter = null) => new((_, buildId) =>
        new BuildRunnerException("The fake backend is not available for a moment.") { BuildId = buildId, IsTransient = true, RetryAfter = retryAfter });

    /// <summary>
    /// Makes the refusal of a backend that is asked too often.
    /// </summary>
    /// <param name="retryAfter">How long it asks to be left alone.</param>
    /// <returns>The failure.</returns>
    public static FakeFailure RateLimited(TimeSpan retryAfter) => Transient(retryAfter);

    /// <summary>
    /// Makes a failure that trying again does not help, such as the refusal of a request for good.
    /// </summary>
    /// <returns>The failure.</returns>
    public static FakeFailure Permanent() => new(static (_, buildId) =>
        new BuildRunnerException("The fake backend refuses the call.") { BuildId = buildId });

    /// <summary>
    /// Makes the refusal of the runner's credentials: a <see cref="BuildRunnerConfigurationException"/>, and no effect.
    /// </summary>
    /// <returns>The failure.</returns>
    public static FakeFailure CredentialsRefused() => new(static (_, buildId) =>
        new BuildRunnerConfigurationException("The fake backend refuses the credentials of the runner.") { BuildId = buildId });

    /// <summary>
    /// Makes a time-out before the call has reached the backend, which the caller cannot know: from a trigger the outcome is unknown, though no build was created.
    /// </summary>
    /// <returns>The failure.</returns>
    public static FakeFailure TimesOut() => new(LostAnswer);

    /// <summary>
    /// Makes a lost answer: the call takes effect, and the caller does not learn of it. From a trigger the outcome is unknown, and a build was created.
    /// </summary>
    /// <returns>The failure.</returns>
    public static FakeFailure AnswerLost() => new(LostAnswer) { TakesEffect = true };

    /// <summary>
    /// Makes the refusal of a cancel: a transient error and no effect, or nothing at all where the build has ended.
    /// </summary>
    /// <returns>The failure.</returns>
    public static FakeFailure CancelRefused() => new(static (_, buildId) =>
        new BuildRunnerException("The fake backend refuses to cancel the build now.") { BuildId = buildId, IsTransient = true })
    {
        SparesEnded = true,
    };

    /// <summary>
    /// Makes a call that does not come back until its token is cancelled, and has no effect.
    /// </summary>
    /// <returns>The failure.</returns>
    public static FakeFailure Hangs() => new(LostAnswer) { Hanging = true };

    internal BuildRunnerException ToException(bool isTrigger, BuildId? buildId) => _create(isTrigger, buildId);

    private static BuildRunnerException LostAnswer(bool isTrigger, BuildId? buildId) => isTrigger
        ? new TriggerOutcomeUnknownException("The answer of the fake backend to the trigger was lost.")
        : new BuildRunnerException("The answer of the fake backend was lost.") { BuildId = buildId, IsTransient = true };
}
