using System.Diagnostics.CodeAnalysis;

namespace BuildRunner.Testing;

/// <summary>Represents the script of a fake build: its steps, its end, and its reaction to a cancel.</summary>
/// <remarks>Immutable. Create one with a static method and refine it using <c>with</c>. Two scripts are equal if their steps and all other
/// values are.</remarks>
public sealed record FakeBuild
{
    private FakeBuild()
    {
    }

    /// <summary>Gets the steps of the build before it ends, in order.</summary>
    /// <exception cref="ArgumentNullException">The value or one of its items is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A step has a terminal status or a negative duration.</exception>
    public IReadOnlyList<FakeBuildStep> Steps { get; init => field = Validate(value, nameof(Steps)); } = [];

    /// <summary>Gets the status with which the build ends unless it is cancelled. The status is terminal.</summary>
    /// <exception cref="ArgumentException">The value is not terminal.</exception>
    public BuildStatus End
    {
        get;
        init => field = value.IsTerminal()
            ? value
            : throw new ArgumentException($"{value} is not an end; it must be a terminal status.", nameof(End));
    } = BuildStatus.Succeeded;

    /// <summary>Gets the metadata of the ended build. It wins over the caller's metadata. Assigning <see langword="null"/> means
    /// empty.</summary>
    [AllowNull]
    public BuildMetadata Metadata { get; init => field = value ?? BuildMetadata.Empty; } = BuildMetadata.Empty;

    /// <summary>Gets the output of the build.</summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    public string Log { get; init => field = value ?? throw new ArgumentNullException(nameof(Log)); } = "";

    /// <summary>Gets the time that the build continues after a cancel: zero (the default) or more, or <see
    /// cref="Timeout.InfiniteTimeSpan"/> to ignore cancels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative and not infinite.</exception>
    public TimeSpan IgnoresCancelFor
    {
        get;
        init => field = IsDuration(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(IgnoresCancelFor), value, "It must be zero or more, or infinite.");
    }

    /// <summary>Gets the time from the trigger until the backend forgets the build: zero or more, or <see langword="null"/> (the default)
    /// for never.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan? VanishesAfter
    {
        get;
        init => field = !(value < TimeSpan.Zero)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(VanishesAfter), value, "It must be zero or more, or null for never.");
    }

    /// <summary>Gets the <see cref="BuildSnapshot.PollAfter"/> of each snapshot before the end: zero or more, or <see langword="null"/>
    /// (the default) for none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan? PollAfter
    {
        get;
        init => field = !(value < TimeSpan.Zero)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(PollAfter), value, "It must be zero or more, or null for none.");
    }

    /// <summary>Creates a build that succeeds.</summary>
    /// <param name="after">The time that it runs. Zero, the default, means that its first status is its last.</param>
    /// <returns>The build.</returns>
    /// <exception cref="ArgumentException"><paramref name="after"/> is negative and not infinite.</exception>
    public static FakeBuild Succeeds(TimeSpan after = default) => RunsFor(after);

    /// <summary>Creates a build that fails.</summary>
    /// <param name="after">The time that it runs. Zero, the default, means that its first status is its last.</param>
    /// <param name="failureKind">The kind of failure: one of <see cref="BuildFailureKinds"/>.</param>
    /// <returns>The build.</returns>
    /// <exception cref="ArgumentException"><paramref name="after"/> is negative and not infinite.</exception>
    public static FakeBuild Fails(TimeSpan after = default, string failureKind = BuildFailureKinds.Code) => RunsFor(after) with
    {
        End = BuildStatus.Failed,
        Metadata = [new(BuildMetadataKeys.FailureKind, failureKind)],
    };

    /// <summary>Creates a build that runs until it is cancelled.</summary>
    /// <returns>The build.</returns>
    public static FakeBuild RunsUntilCancelled() => RunsFor(Timeout.InfiniteTimeSpan);

    /// <summary>Creates a build that waits, for example for a worker, before it does what another build does.</summary>
    /// <param name="duration">The time that it is accepted and not running.</param>
    /// <param name="then">The build that follows.</param>
    /// <returns>The build.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="then"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="duration"/> is negative and not infinite.</exception>
    public static FakeBuild WaitsFor(TimeSpan duration, FakeBuild then)
    {
        ArgumentNullException.ThrowIfNull(then);
        return then with { Steps = [new(BuildStatus.Accepted, duration), .. then.Steps] };
    }

    /// <summary>Creates a build that goes through steps and then succeeds. Use <c>with { End = … }</c> for another end.</summary>
    /// <param name="steps">The steps, in order.</param>
    /// <returns>The build.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="steps"/> or one of its items is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A step has a terminal status or a negative duration.</exception>
    public static FakeBuild GoesThrough(params IReadOnlyList<FakeBuildStep> steps) => new() { Steps = steps };

    /// <inheritdoc/>
    public bool Equals(FakeBuild? other) => other is not null && Steps.SequenceEqual(other.Steps) && Rest.Equals(other.Rest);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Steps.Count, Rest);

    private (BuildStatus, BuildMetadata, string, TimeSpan, TimeSpan?, TimeSpan?) Rest =>
        (End, Metadata, Log, IgnoresCancelFor, VanishesAfter, PollAfter);

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
                throw new ArgumentException(
                    $"A step has the terminal status {step.Status}; use {nameof(End)} for the end of the build.",
                    propertyName);
            }

            if (!IsDuration(step.Duration))
            {
                throw new ArgumentException($"A step lasts {step.Duration}; it must be zero or more, or infinite.", propertyName);
            }
        }

        return [.. steps];
    }
}
