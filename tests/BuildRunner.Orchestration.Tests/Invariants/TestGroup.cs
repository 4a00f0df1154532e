namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>The group of the tests of O18. The metadata of its members say which is which, because it is not known which is triggered first.</summary>
internal static class TestGroup
{
    public const string Key = "group-1";

    public static BuildGroupSubmission Group(params string[] keys) => Group(failFast: false, keys);

    public static BuildGroupSubmission Group(bool failFast, params string[] keys) => new() { Key = Key, FailFast = failFast, Required = [.. keys.Select(Member)] };

    public static BuildSubmission Member(string key)
    {
        var submission = Submissions.Of(key, timeout: TimeSpan.FromMinutes(40));
        return submission with { Request = submission.Request with { Metadata = [new("member", key)] } };
    }

    /// <summary>Has a runner polled seldom, because there is much time.</summary>
    public static void Slow(BuildRunnerOptions options) => options.AcceptedPollDelay = options.RunningPollDelay = TimeSpan.FromMinutes(1);

    /// <summary>Says how each member runs.</summary>
    public static void Script(FakeBuildRunner runner, FakeBuild a, FakeBuild b, FakeBuild? c = null) =>
        runner.EveryBuild(request => request.Metadata["member"] switch { "a" => a, "b" => b, _ => c! });

    public static async Task<BuildGroup> GetGroupAsync(StageProcess process) => (await process.Orchestrator.GetGroupAsync(Key))!;

    public static async Task OutcomesAsync(StageProcess process, params BuildStatus[] outcomes) =>
        (await GetGroupAsync(process)).Members.Select(static member => member.Outcome!.Value).Should().Equal(outcomes);
}
