namespace BuildRunner.Jenkins.Api;

/// <summary>How far a build is: an item of the queue without a number, or a build with one.</summary>
internal sealed record BuildState(BuildStatus Status, string Native, string? FailureKind = null)
{
    public static readonly BuildState Cancelled = new(BuildStatus.Cancelled, "cancelled");

    public long? Number { get; init; }

    public bool IsPipeline { get; init; }

    /// <summary>Gets what it was given, if that was read along.</summary>
    public BuildOrder? Order { get; init; }

    public static BuildState Of(Row row, bool unstableSucceeds) => (row.Result switch
    {
        _ when row.Cancelled == true => Cancelled,
        _ when row.Cancelled == false => new(BuildStatus.Accepted, "left"),
        _ when row.Id > 0 => new(BuildStatus.Accepted, row.Blocked == true ? "blocked" : row.Buildable == true ? "buildable" : "waiting"),

        // It may have a result early, and a worse one at its end.
        _ when row.Building == true || row.InProgress == true => new(BuildStatus.Running, "building"),
        _ when row.Building is null => new(BuildStatus.Unknown, row.Result ?? ""),
        "SUCCESS" => new(BuildStatus.Succeeded, row.Result),
        "UNSTABLE" when unstableSucceeds => new(BuildStatus.Succeeded, row.Result),
        "UNSTABLE" or "FAILURE" => new(BuildStatus.Failed, row.Result, BuildFailureKinds.Code),
        "NOT_BUILT" => new(BuildStatus.Failed, row.Result, BuildFailureKinds.Skipped),
        "ABORTED" => new(BuildStatus.Cancelled, row.Result),
        _ => new BuildState(BuildStatus.Unknown, row.Result ?? ""),
    }) with
    {
        Number = row.Number,
        IsPipeline = row.Class?.EndsWith(".WorkflowRun", StringComparison.Ordinal) == true,
        Order = BuildOrder.Of(row.Actions),
    };
}
