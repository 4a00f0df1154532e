namespace BuildRunner.Orchestration.Tests.Outages;

/// <summary>A standby that is behind when it is promoted. What the primary had acknowledged meanwhile is lost: it is counted, and found again by those who have asked for it.</summary>
[Collection("Soak")]
[Slow]
public sealed class PostgreSqlAsynchronousTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task What_is_lost_was_acknowledged_while_the_standby_was_behind_and_is_found_by_its_key_and_sent_again()
    {
        var options = OutageOptions.Read();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience + (4 * options.Duration));
        await using var cluster = await PostgreSqlCluster.StartAsync(isSynchronous: false, isPooled: false);
        await using OutageRun run = new(cluster, options, keepsKeys: true, patience.Token);
        Output($"OUTAGE_SEED={options.Seed}");
        var behindSince = DateTimeOffset.MaxValue;

        await run.SendAsync(async () =>
        {
            await Task.Delay(options.Duration * 0.4, patience.Token);
            behindSince = DateTimeOffset.UtcNow;
            await cluster.CatchUpAsync(patience.Token);
            cluster.CutReplication();
            await Task.Delay(options.Duration * 0.2, patience.Token);
            await cluster.FailOverAsync();
        });
        await run.DrainAsync();
        var messages = run.Messages.Open;
        var builds = await LostAsync(run);
        List<BuildId> found = [];
        foreach (var (_, build, _) in builds)
        {
            if (await run.Ci.FindAsync(build.Request.TriggerKey!, patience.Token) is { } remote)
            {
                found.Add(remote);
                await run.Ci.CancelAsync(remote, patience.Token);
            }
        }

        await run.SendAgainAsync([.. messages.Select(static message => message.Number)], [.. builds.Select(static lost => lost.Number)]);
        await run.DrainAsync();

        Output(run.Summary);
        Output($"Lost: {messages.Count} messages, {builds.Count} builds, of which {found.Count} were found at the CI. {run.Ci.AskedAgain.Count} triggers were repeated, and got the build that there was.");
        Output(string.Join(Environment.NewLine, run.Logs.Lines));
        builds.Should().NotBeEmpty("something was to be lost, OUTAGE_SEED={0}", options.Seed);
        messages.Select(static message => message.AcknowledgedAt).Concat(builds.Select(static lost => lost.AcknowledgedAt))
            .Should().OnlyContain(at => at >= behindSince, "nothing else is lost, OUTAGE_SEED={0}", options.Seed);
        run.Messages.Open.Should().BeEmpty();
        run.Messages.Early.Should().BeEmpty();
        (await FaultsOfBuildsAsync(run)).Should().BeEmpty("OUTAGE_SEED={0}", options.Seed);

        // A build whose submission was not acknowledged is nobody's.
        (run.Ci.Created - options.Builds - found.Count).Should().BeInRange(0, run.FailedCalls, "OUTAGE_SEED={0}", options.Seed);
        await run.StopAsync();
    }

    private static async Task<IReadOnlyList<(int Number, Build Build, DateTimeOffset AcknowledgedAt)>> LostAsync(OutageRun run)
    {
        List<(int, Build, DateTimeOffset)> lost = [];
        foreach (var (number, (build, at)) in run.Builds.Submitted.Index())
        {
            if (await run.Orchestrator.GetAsync(build.Id) is null)
            {
                lost.Add((number, build, at));
            }
        }

        return lost;
    }

    private static async Task<IReadOnlyList<string>> FaultsOfBuildsAsync(OutageRun run)
    {
        List<string> faults = [];
        foreach (var (submitted, _) in run.Builds.Submitted)
        {
            var build = await run.Orchestrator.GetAsync(submitted.Id);
            var created = run.Ci.Of(submitted.Request.TriggerKey!).Count;
            if (build is not { Status: BuildStatus.Succeeded } || created != 1 || run.Builds.EndsOf(submitted.Id).Any(static end => end.Status != BuildStatus.Succeeded))
            {
                faults.Add($"{submitted.Key} is {build}, and was created {created} times");
            }
        }

        return faults;
    }

    private static void Output(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
