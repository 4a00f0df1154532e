namespace BuildRunner.GitHubActions.Api;

/// <summary>Maps the states of a run.</summary>
internal static class RunStatus
{
    public static BuildStatus Of(RunRow row) => (row.Status, row.Conclusion) switch
    {
        ("requested" or "queued" or "pending" or "waiting", _) => BuildStatus.Accepted,
        ("in_progress", _) => BuildStatus.Running,
        ("completed", "success") => BuildStatus.Succeeded,
        ("completed", "cancelled") => BuildStatus.Cancelled,
        ("completed", "failure" or "timed_out" or "startup_failure" or "stale") => BuildStatus.Failed,
        ("completed", "skipped" or "neutral" or "action_required") => BuildStatus.Failed,
        _ => BuildStatus.Unknown,
    };

    public static string NativeOf(RunRow row) => row.Conclusion is null ? row.Status ?? "" : $"{row.Status}/{row.Conclusion}";

    /// <summary>Gets the failure kind of a run, or <see langword="null"/> if its jobs decide.</summary>
    public static string? FailureKindOf(RunRow row) => row.Conclusion switch
    {
        "timed_out" => BuildFailureKinds.Timeout,
        "startup_failure" or "stale" => BuildFailureKinds.Infra,
        "skipped" or "neutral" => BuildFailureKinds.Skipped,
        "action_required" => BuildFailureKinds.Blocked,
        _ => null,
    };

    /// <summary>Gets the failure kind from the jobs of a run: a failed job without a failed step has lost its machine.</summary>
    public static string FailureKindOf(IReadOnlyList<JobRow> jobs)
    {
        var failed = jobs.Where(static job => job.Conclusion is "failure" or "timed_out").ToList();
        return failed.Count == 0 || failed.Exists(static job => job.Steps?.Any(static step => step?.Conclusion == "failure") == true)
            ? BuildFailureKinds.Code
            : failed.TrueForAll(static job => job.Conclusion == "timed_out") ? BuildFailureKinds.Timeout
            : BuildFailureKinds.Infra;
    }
}
