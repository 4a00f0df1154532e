namespace BuildRunner.Jenkins.Api;

/// <summary>How far a build is: an item of the queue without a number, or a build with one.</summary>
internal sealed record BuildState(BuildStatus Status, string Native, string? FailureKind = null)
{
    public static readonly BuildState Cancelled = new(BuildStatus.Cancelled, "cancelled");

    public long? Number { get; init; }

    /// <summary>Gets a value indicating whether it is a Pipeline, which can be terminated and killed.</summary>
    public bool IsPipeline { get; init; }

    /// <summary>Gets what it was given, if that was read along.</summary>
    public BuildOrder? Order { get; init; }

    public static BuildState Of(ItemRow item) => item switch
    {
        { Cancelled: true } => Cancelled,

        // Its build may not be there yet.
        { Cancelled: false } => new(BuildStatus.Accepted, "left"),
        { Blocked: true } => new(BuildStatus.Accepted, "blocked"),
        { Buildable: true } => new(BuildStatus.Accepted, "buildable"),
        _ => new(BuildStatus.Accepted, "waiting"),
    };

    // A build may have a result early, and a worse one at its end.
    public static BuildState Of(BuildRow build, bool unstableSucceeds) =>
        new BuildState(BuildStatus.Unknown, build.Result ?? "") with
        {
            Number = build.Number,
            IsPipeline = build.Class?.EndsWith(".WorkflowRun", StringComparison.Ordinal) == true,
        } is var state && (build.Building == true || build.InProgress == true) ? state with { Status = BuildStatus.Running, Native = "building" }
        : build.Building is null ? state
        : build.Result switch
        {
            "SUCCESS" => state with { Status = BuildStatus.Succeeded },
            "UNSTABLE" when unstableSucceeds => state with { Status = BuildStatus.Succeeded },
            "UNSTABLE" or "FAILURE" => state with { Status = BuildStatus.Failed, FailureKind = BuildFailureKinds.Code },
            "NOT_BUILT" => state with { Status = BuildStatus.Failed, FailureKind = BuildFailureKinds.Skipped },
            "ABORTED" => state with { Status = BuildStatus.Cancelled },
            _ => state,
        };
}
