using BuildRunner.Http;

namespace BuildRunner.GitHubActions.Tests.Fixtures;

/// <summary>Everything that a runner asks of GitHub, once at least.</summary>
internal static class Tour
{
    private const string Commit = "0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10";

    /// <summary>Gets all operations that the runner uses, by GitHub's names for them.</summary>
    public static IReadOnlyList<string> Operations { get; } =
    [
        "apps/create-installation-access-token",
        "repos/get",
        "actions/create-workflow-dispatch",
        "actions/list-workflow-runs",
        "actions/get-workflow-run-attempt",
        "actions/list-jobs-for-workflow-run-attempt",
        "actions/cancel-workflow-run",
        "actions/force-cancel-workflow-run",
        "actions/download-job-logs-for-workflow-run",
        "graphql",
    ];

    /// <summary>A GitHub that the runner is an App of.</summary>
    public static GitHubSetup Setup(FakeMode mode = FakeMode.GitHub, NodeChecker? checker = null, params IReadOnlyList<string> deviations)
    {
        GitHubSetup? setup = null;
        return setup = new GitHubSetup(
            mode,
            options =>
            {
                (options.Token, options.AppId, options.InstallationId) = (null, FakeGitHub.AppId, FakeGitHub.InstallationId);
                options.PrivateKey = _ => new(setup!.GitHub.AppKey.ExportRSAPrivateKeyPem());
            },
            checker)
        {
            Deviations = deviations,
        };
    }

    public static async Task TakeAsync(GitHubSetup setup)
    {
        await FollowAsync(setup);
        await FindAsync(setup);
        await OpenLogAsync(setup);
        await CancelAsync(setup);
        await LoseAsync(setup);
        await BuildMergedAsync(setup);

        // Where the run is not named, nothing goes without the key.
        if (setup.GitHub.Mode != FakeMode.Ghes319)
        {
            await TriggerWithoutKeyAsync(setup);
        }
    }

    // Also with answers that nothing has changed.
    private static async Task FollowAsync(GitHubSetup setup)
    {
        var (buildId, run) = await setup.TriggerAsync();
        (await setup.Reader.StatusAsync(buildId, TimeSpan.Zero)).Status.Should().Be(BuildStatus.Running);
        (await setup.Reader.StatusAsync(buildId, TimeSpan.Zero)).Status.Should().Be(BuildStatus.Running);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        run.Set(setup.Time.GetUtcNow(), "completed", "failure");
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Failed);
    }

    // With an installation token that has ended.
    private static async Task FindAsync(GitHubSetup setup)
    {
        var request = GitHubSetup.Request("Succeeds", "key");
        (await setup.Runner.FindAsync("key")).Should().BeNull();
        var buildId = await setup.Runner.TriggerAsync(request);
        setup.GitHub.Tokens.Clear();
        (await setup.CreateRunner().TriggerAsync(request)).Should().Be(buildId);
        (await setup.Runner.FindAsync("key")).Should().Be(buildId);
    }

    private static async Task OpenLogAsync(GitHubSetup setup)
    {
        var (buildId, run) = await setup.TriggerAsync("Fails");
        setup.GitHub.Logs[run.Id * 10] = "done\n";
        run.RunAgain(setup.Time.GetUtcNow());
        await using var log = await setup.Runner.OpenLogAsync(buildId);
        using StreamReader reader = new(log);
        (await reader.ReadToEndAsync()).Should().EndWith("done\n");
    }

    private static async Task CancelAsync(GitHubSetup setup)
    {
        var (buildId, _) = await setup.TriggerAsync("IgnoresCancel");
        setup.GitHub.CancelLag = TimeSpan.FromHours(1);
        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>();
        setup.GitHub.CancelLag = TimeSpan.Zero;
        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(2));
        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    // What is gone, and an answer that is.
    private static async Task LoseAsync(GitHubSetup setup)
    {
        var (buildId, run) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.GitHub.Remove(run);
        setup.Time.Advance(TimeSpan.FromMinutes(2));
        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
        setup.GitHub.Answer(
            static request => request.Path.EndsWith("/dispatches", StringComparison.Ordinal), static (_, _) => FakeReply.Html(502));
        var found = await setup.Runner.TriggerAsync(GitHubSetup.Request());
        setup.GitHub.RunOf(found).Should().BeSameAs(setup.GitHub.Runs[^1]);
    }

    private static async Task BuildMergedAsync(GitHubSetup setup)
    {
        setup.GitHub.Branches["build/one"] = Commit;
        setup.GitHub.Tokens[GitHubSetup.Token] = DateTimeOffset.MaxValue;
        var runner = setup.CreateRunner(static options => options.Changes = ChangesForm.Merged);
        var buildId = await runner.TriggerAsync(
            new() { Head = [new Change($"git://github.com/acme/shop/refs%2Fheads%2Fbuild%2Fone/{Commit}")] });
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        (await runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    private static async Task TriggerWithoutKeyAsync(GitHubSetup setup)
    {
        setup.GitHub.Inputs.Remove("build_key");
        var before = setup.GitHub.Dispatches;
        await setup.Runner.TriggerAsync(GitHubSetup.Request());
        setup.GitHub.Dispatches.Should().Be(before + 2);
    }
}
