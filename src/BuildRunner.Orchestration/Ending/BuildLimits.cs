namespace BuildRunner.Orchestration;

/// <summary>Says which limit of a build comes next: how long it may take in all, wait in the CI, and run.</summary>
internal static class BuildLimits
{
    /// <summary>The key in the metadata of a build that failed because of a limit: <c>pending</c>, <c>run</c> or <c>total</c>.</summary>
    public const string MetadataKey = "timeout_of";

    /// <summary>Gets the limit that passes first. Of two at one time, it is the total one, which blames nobody.</summary>
    /// <param name="build">The build.</param>
    /// <param name="held">For how long its runner was held since the build was submitted or last marked.</param>
    /// <param name="options">The options of the runner.</param>
    public static BuildLimit Next(Build build, TimeSpan held, BuildRunnerOptions options)
    {
        var total = build.Deadline + (build.MayBeRemote() ? TimeSpan.Zero : held);
        BuildLimit? other = build switch
        {
            { StartedAt: { } startedAt } when (build.Policy.RunTimeout ?? options.RunTimeout) is { } limit =>
                new(TimeoutOf.Run, startedAt + RunnerTimes.RoundUp(limit)),
            { StartedAt: null, AcceptedAt: { } acceptedAt } when (build.Policy.PendingTimeout ?? options.PendingTimeout) is { } limit =>
                new(TimeoutOf.Pending, acceptedAt + RunnerTimes.RoundUp(limit) + held),
            _ => null,
        };
        return other is { } earlier && earlier.At < total ? earlier : new(TimeoutOf.Total, total);
    }

    /// <summary>Determines whether the next limit may be one that only the options of the runner have.</summary>
    public static bool DependsOnOptions(Build build) => build switch
    {
        { StartedAt: not null } => build.Policy.RunTimeout is null,
        { AcceptedAt: not null } => build.Policy.PendingTimeout is null,
        _ => false,
    };

    /// <summary>Gets the name of a limit in metadata and metrics.</summary>
    public static string NameOf(TimeoutOf limit) => limit switch
    {
        TimeoutOf.Pending => "pending",
        TimeoutOf.Run => "run",
        _ => "total",
    };
}

/// <summary>Represents a limit of a build and when it passes.</summary>
internal readonly record struct BuildLimit(TimeoutOf Of, DateTimeOffset At);
