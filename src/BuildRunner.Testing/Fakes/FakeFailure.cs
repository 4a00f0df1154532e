namespace BuildRunner.Testing;

/// <summary>Represents a failure of a call to a <see cref="FakeBuildRunner"/>.</summary>
/// <remarks>Immutable. It throws what the contract requires of every runner.</remarks>
public sealed class FakeFailure
{
    private readonly Func<bool, BuildId?, BuildRunnerException> _create;

    private FakeFailure(Func<bool, BuildId?, BuildRunnerException> create) => _create = create;

    /// <summary>Gets a value indicating whether the call takes effect before it fails.</summary>
    internal bool TakesEffect { get; private init; }

    /// <summary>Gets a value indicating whether the call waits for its token to be cancelled instead.</summary>
    internal bool Hanging { get; private init; }

    /// <summary>Gets a value indicating whether the call does nothing instead if the build has ended.</summary>
    internal bool SparesEnded { get; private init; }

    /// <summary>Creates a failure that may be over at the next attempt.</summary>
    /// <param name="retryAfter">How long the backend asks the caller to wait, or <see langword="null"/> if it does not say.</param>
    /// <returns>The failure.</returns>
    public static FakeFailure Transient(TimeSpan? retryAfter = null) => new((_, buildId) =>
        new BuildRunnerException("The fake backend is temporarily unavailable; try again.")
        {
            BuildId = buildId,
            IsTransient = true,
            RetryAfter = retryAfter,
        });

    /// <summary>Creates the refusal of a backend that gets too many calls.</summary>
    /// <param name="retryAfter">How long the backend asks the caller to wait.</param>
    /// <returns>The failure.</returns>
    public static FakeFailure RateLimited(TimeSpan retryAfter) => Transient(retryAfter);

    /// <summary>Creates a failure that a retry does not fix, such as the rejection of a request.</summary>
    /// <returns>The failure.</returns>
    public static FakeFailure Permanent() => new(static (_, buildId) =>
        new BuildRunnerException("The fake backend refuses the call.") { BuildId = buildId });

    /// <summary>Creates a refusal of the runner's credentials: the call throws a <see cref="BuildRunnerConfigurationException"/> and has no
    /// effect.</summary>
    /// <returns>The failure.</returns>
    public static FakeFailure CredentialsRefused() => new(static (_, buildId) =>
        new BuildRunnerConfigurationException("The fake backend refuses the credentials of the runner.") { BuildId = buildId });

    /// <summary>Creates a timeout before the call reaches the backend. The caller cannot know that: a trigger throws a <see
    /// cref="TriggerOutcomeUnknownException"/> although no build was created.</summary>
    /// <returns>The failure.</returns>
    public static FakeFailure TimesOut() => new(LostAnswer);

    /// <summary>Creates a lost answer: the call takes effect and the caller does not learn of it. A trigger throws a <see
    /// cref="TriggerOutcomeUnknownException"/> and a build was created.</summary>
    /// <returns>The failure.</returns>
    public static FakeFailure AnswerLost() => new(LostAnswer) { TakesEffect = true };

    /// <summary>Creates a refusal of a cancel: a transient error without effect, or nothing at all if the build has ended.</summary>
    /// <returns>The failure.</returns>
    public static FakeFailure CancelRefused() => new(static (_, buildId) =>
        new BuildRunnerException("The fake backend refuses to cancel the build now.") { BuildId = buildId, IsTransient = true })
    {
        SparesEnded = true,
    };

    /// <summary>Creates a call that does not return until its token is cancelled, and has no effect.</summary>
    /// <returns>The failure.</returns>
    public static FakeFailure Hangs() => new(LostAnswer) { Hanging = true };

    internal BuildRunnerException ToException(bool isTrigger, BuildId? buildId) => _create(isTrigger, buildId);

    private static BuildRunnerException LostAnswer(bool isTrigger, BuildId? buildId) => isTrigger
        ? new TriggerOutcomeUnknownException("The answer of the fake backend to the trigger was lost.")
        : new BuildRunnerException("The answer of the fake backend was lost.") { BuildId = buildId, IsTransient = true };
}
