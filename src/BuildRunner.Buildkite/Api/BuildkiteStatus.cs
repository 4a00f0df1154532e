namespace BuildRunner.Buildkite.Api;

/// <summary>What the states of a build and of its jobs mean.</summary>
internal static class BuildkiteStatus
{
    private static readonly string[] AgentReasons =
        ["agent_stop", "agent_refused", "process_run_error", "signature_rejected", "stack_error", "agent_incompatible"];

    /// <summary>Says whether a build waits for somebody to unblock it. Buildkite shows that beside a state that sounds final.</summary>
    public static bool IsBlocked(BuildRow row) =>
        row is { State: "blocked" } or { Blocked: true, State: "passed" or "failed" or "running" };

    public static BuildStatus Of(BuildRow row, bool failsBlocked) => row.State switch
    {
        _ when IsBlocked(row) => failsBlocked ? BuildStatus.Failed : BuildStatus.Running,
        "creating" or "scheduled" or "waiting" => BuildStatus.Accepted,
        "running" or "failing" or "canceling" => BuildStatus.Running,
        "passed" => BuildStatus.Succeeded,
        "failed" or "waiting_failed" or "skipped" or "not_run" => BuildStatus.Failed,
        "canceled" => BuildStatus.Cancelled,
        _ => BuildStatus.Unknown,
    };

    /// <summary>Says why a build has failed. Of its jobs one that the change has broken outweighs all others.</summary>
    public static string FailureKindOf(BuildRow row)
    {
        var kinds = (row.Jobs ?? []).OfType<JobRow>().Select(FailureKindOf).ToHashSet();
        return IsBlocked(row) ? BuildFailureKinds.Blocked
            : row.State is "skipped" or "not_run" ? BuildFailureKinds.Skipped
            : Array.Find([BuildFailureKinds.Code, BuildFailureKinds.Timeout, BuildFailureKinds.Infra], kinds.Contains)
                ?? BuildFailureKinds.Code;
    }

    // A broken job was skipped, and one that failed softly counts as passed. -1 is a lost agent, and 75 what sysexits.h and apply.py call a
    // temporary failure.
    private static string? FailureKindOf(JobRow job) => job switch
    {
        { SoftFailed: true } => null,
        { State: "timed_out" or "expired" } => BuildFailureKinds.Timeout,
        { State: "failed", ExitStatus: -1 or 75 } => BuildFailureKinds.Infra,
        { State: "failed", ExitStatus: null or 255, Agent.ConnectionState: "lost" } => BuildFailureKinds.Infra,
        { State: "failed", SignalReason: { } reason } when AgentReasons.Contains(reason) => BuildFailureKinds.Infra,
        { State: "failed" } => BuildFailureKinds.Code,
        _ => null,
    };
}
