namespace BuildRunner.GitLab.Api;

/// <summary>What the states of a pipeline mean, and why its jobs failed.</summary>
internal static class GitLabStatus
{
    public static BuildStatus Of(string? state, bool failsWhenManual) => state switch
    {
        "created" or "waiting_for_resource" or "preparing" or "waiting_for_callback" or "pending" or "scheduled" => BuildStatus.Accepted,
        "running" or "canceling" => BuildStatus.Running,
        "manual" => failsWhenManual ? BuildStatus.Failed : BuildStatus.Running,
        "success" => BuildStatus.Succeeded,
        "failed" or "skipped" => BuildStatus.Failed,
        "canceled" => BuildStatus.Cancelled,
        _ => BuildStatus.Unknown,
    };

    /// <summary>Gets why a pipeline has failed, or <see langword="null"/> if its jobs tell.</summary>
    public static string? FailureKindOf(string? state) =>
        state == "skipped" ? BuildFailureKinds.Skipped : state == "manual" ? BuildFailureKinds.Blocked : null;

    /// <summary>Gets why a pipeline has failed: one job that the code broke is enough, and without failed jobs nothing blames it.</summary>
    public static string FailureKindOf(IEnumerable<JobRow> jobs)
    {
        var kinds = jobs.Where(static job => job is { Status: "failed", AllowFailure: not true })
            .Select(static job => KindOf(job.FailureReason)).Distinct().ToList();
        return kinds.Contains(BuildFailureKinds.Code) ? BuildFailureKinds.Code : kinds is [var only] ? only : BuildFailureKinds.Infra;
    }

    private static string KindOf(string? reason) => reason switch
    {
        "script_failure" or "trace_size_exceeded" or "invalid_bridge_trigger" or "downstream_pipeline_creation_failed"
            or "reached_max_descendant_pipelines_depth" or "pipeline_loop_detected" => BuildFailureKinds.Code,
        "job_execution_timeout" or "stuck_or_timeout_failure" => BuildFailureKinds.Timeout,
        "user_blocked" or "forward_deployment_failure" or "protected_environment_failure" or "insufficient_bridge_permissions"
            or "downstream_bridge_project_not_found" => BuildFailureKinds.Blocked,
        _ => BuildFailureKinds.Infra,
    };
}
