using System.Diagnostics.CodeAnalysis;

namespace BuildRunner.Testing;

/// <summary>
/// Represents the life of a fake build: what it goes through, how it ends, and what it does when it is cancelled.
/// </summary>
/// <remarks>Immutable; made by one of the methods and refined with <c>with</c>. Two are equal where their steps and everything else are.</remarks>
public sealed record FakeBuild
{
    private FakeBuild()
    {
    }

    /// <summary>
    /// Gets what the build goes through before it ends, in order.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value, or an item of it, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A step has a terminal status or a negative duration.</exception>
    public IReadOnlyList<FakeBuildStep> Steps { get; init => field = Validate(value, nameof(Steps)); } = [];

    /// <summary>
    /// Gets how the build ends, a terminal status, unless it is cancelled before.
    /// </summary>
    /// <exception cref="ArgumentException">The value is not terminal.</exception>
    public BuildStatus End
    {
        get;
        init => field = value.IsTerminal() ? value : throw new ArgumentException($"{value} is not an end; it must be a terminal status.", nameof(End));
    } = BuildStatus.Succeeded;

    /// <summary>
    /// Gets what the build tells when it has ended; it wins over what the caller gave at trigger. <see langword="null"/> is the same as empty.
    /// </summary>
    [AllowNull]
    public BuildMetadata Metadata { get; init => field = value ?? BuildMetadata.Empty; } = BuildMetadata.Empty;

    /// <summary>
    /// Gets the output of the build.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    public string Log { get; init => field = value ?? throw new ArgumentNullException(nameof(Log)); } = "";

    /// <summary>
    /// Gets how long the build goes on after it was asked to stop: zero (the default) or more, or <see cref="Timeout.InfiniteTimeSpan"/> for one that never listens.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative and not infinite.</exception>
    public TimeSpan IgnoresCancelFor
    {
        get;
        init => field = IsDuration(value) ? value : throw new ArgumentOutOfRangeException(nameof(IgnoresCancelFor), value, "It must be zero or more, or infinite.");
    }

    /// <summary>
    /// Gets how long after its trigger the backend forgets the build, zero or more, or <see langword="null"/> (the default) for never.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan? VanishesAfter
    {
        get;
        init => field = !(value < TimeSpan.Zero) ? value : throw new ArgumentOutOfRangeException(nameof(VanishesAfter), value, "It must be zero or more, or null for never.");
    }

    /// <summary>
    /// Gets the hint that each snapshot before the end carries, zero or more, or <see langword="null"/> (the default) for none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan? PollAfter
    {
        get;
        init => field = !(value < TimeSpan.Zero) ? value : throw new ArgumentOutOfRangeException(nameof(PollAfter), value, "It must be zero or more, or null for none.");
    }

    /// <summary>
    /// Makes a build that succeeds.
    /// </summary>
    /// <param name="after">How long it runs before; zero, the default, means that the first status is the last.</param>
    /// <returns>The build.</returns>
    /// <exception cref="ArgumentException"><paramref name="after"/> is negative and not infinite.</exception>
    public static FakeBuild Succeeds(TimeSpan after = default) => RunsFor(after);

    /// <summary>
    /// Makes a build that fails.
    /// </summary>
    /// <param name="after">How long it runs before; zero, the default, means that the first status is the last.</param>
    /// <param name="failureKind">One of <see cref="BuildFailureKinds"/>.</param>
    /// <returns>The build.</returns>
    /// <exception cref="ArgumentException"><paramref name="after"/> is negative and not infinite.</exception>
    public static FakeBuild Fails(TimeSpan after = default, string failureKind = BuildFailureKinds.Code) => RunsFor(after) with
    {
        End = BuildStatus.Failed,
        Metadata = [new(BuildMetadataKeys.FailureKind, failureKind)],
    };

    /// <summary>
    /// Makes a build that runs until it is cancelled.
    /// </summary>
    /// <returns>The build.</returns>
    public static FakeBuild RunsUntilCancelled() => RunsFor(Timeout.InfiniteTimeSpan);

    /// <summary>
    /// Makes a build that waits, for example for a worker, before it does what another one does.
    /// </summary>
    /// <param name="duration">How long it is accepted and not running.</param>
    /// <param name="then">What it does then.</param>
    /// <returns>The build.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="then"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="duration"/> is negative and not infinite.</exception>
    public static FakeBuild WaitsFor(TimeSpan duration, FakeBuild then)
    {
        ArgumentNullException.ThrowIfNull(then);
        return then with { Steps = [new(BuildStatus.Accepted, duration), .. then.Steps] };
    }

    /// <summary>
    /// Makes a build that goes through these steps and then succeeds; say <c>with { End = … }</c> for another end.
    /// </summary>
    /// <param name="steps">The steps, in order.</param>
    /// <returns>The build.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="steps"/>, or an item of it, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A step has a terminal status or a negative duration.</exception>
    public static FakeBuild GoesThrough(params IReadOnlyList<FakeBuildStep> steps) => new() { Steps = steps };

    /// <inheritdoc/>
    public bool Equals(FakeBuild? other) => other is not null && Steps.SequenceEqual(other.Steps) && Rest.Equals(other.Rest);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Steps.Count, Rest);

    private (BuildStatus, BuildMetadata, string, TimeSpan, TimeSpan?, TimeSpan?) Rest => (End, Metadata, Log, IgnoresCancelFor, VanishesAfter, PollAfter);

    private static FakeBuild RunsFor(TimeSpan duration) => duration == TimeSpan.Zero
        ? new FakeBuild()
        : new FakeBuild { Steps = [new(BuildStatus.Running, duration)] };

    private static bool IsDuration(TimeSpan value) => value >= TimeSpan.Zero || value == Timeout.InfiniteTimeSpan;

    private static FakeBuildStep[] Validate(IReadOnlyList<FakeBuildStep> steps, string propertyName)
    {
        ArgumentNullException.ThrowIfNull(steps, propertyName);
        foreach (var step in steps)
        {
            ArgumentNullException.ThrowIfNull(step, propertyName);
            if (step.Status.IsTerminal())
            {
                throw new ArgumentException($"A step has the status {step.Status}, which is an end; say how the build ends with {nameof(End)}.", propertyName);
            }

            if (!IsDuration(step.Duration))
            {
                throw new ArgumentException($"A step lasts {step.Duration}; it must be zero or more, or infinite.", propertyName);
            }
        }

        return [.. steps];
    }
}
