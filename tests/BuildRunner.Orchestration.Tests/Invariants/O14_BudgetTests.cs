namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O14_BudgetTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private const string Commit = "store.commit";

    [Fact]
    public async Task The_budget_counts_the_attempts_of_all_builds_of_an_owner_and_comes_back_after_an_hour()
    {
        Runner.EveryBuild(static _ => Retries.Infra);
        var process = await StartRetryingAsync(budget: 3);
        List<Build> builds = [];
        for (var number = 0; number < 4; number++)
        {
            builds.Add(await process.Orchestrator.SubmitAsync(Submissions.Of($"build-{number}", timeout: Retries.Total)));
        }

        var other = await process.Orchestrator.SubmitAsync(Submissions.Of("other", "queue-2", timeout: Retries.Total));
        await RunForAsync(process, TimeSpan.FromMinutes(10));

        Runner.Triggers.Should().HaveCount(4 + 3 + 3, "the other owner has a budget of its own");
        var ended = await Task.WhenAll(builds.Select(build => GetAsync(process, build)));
        ended.Should().OnlyContain(static build => build.Status == BuildStatus.Failed && KindOf(build) == BuildFailureKinds.Infra);
        ended.Where(static build => build.Attempt < 3).Should().OnlyContain(static build => build.Note!.Contains("the budget of 3 further attempts"));
        (await GetAsync(process, other)).Attempt.Should().Be(3);

        await RunForAsync(process, TimeSpan.FromHours(1));
        var later = await process.Orchestrator.SubmitAsync(Submissions.Of("later", timeout: Retries.Total));
        await RunForAsync(process, TimeSpan.FromMinutes(10));

        (await GetAsync(process, later)).Attempt.Should().Be(3);
    }

    [Fact]
    public async Task Two_processes_do_not_spend_the_same_attempt_of_the_budget()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var first = await StartRetryingAsync(budget: 1);
        var one = await first.Orchestrator.SubmitAsync(Submissions.Of("one", timeout: Retries.Total));
        var two = await first.Orchestrator.SubmitAsync(Submissions.Of("two", timeout: Retries.Total));
        await first.DrainAsync();
        foreach (var trigger in Runner.Triggers)
        {
            Runner.MoveTo(trigger.BuildId!.Value, BuildStatus.Failed, [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Infra)]);
        }

        await Backend.AdvanceAsync(TimeSpan.FromSeconds(5));
        var hold = Hold.Before(first, Commit);
        var poll = first.StepAsync(SignalTopic);
        await hold.Reached;
        var second = await StartRetryingAsync(budget: 1);
        await SignalAsync(second, await GetAsync(second, one));
        await SignalAsync(second, await GetAsync(second, two));
        await second.DrainAsync();
        hold.Release();
        await poll;

        Build[] builds = [await GetAsync(second, one), await GetAsync(second, two)];
        builds.Select(static build => build.Attempt).Order().Should().Equal(1, 2);
        builds.Single(static build => build.Attempt == 1).Note.Should().Contain("the budget of 1");
        (await SpentAsync("queue-1")).Should().Be(1);
    }

    [Fact]
    public async Task An_outage_of_ten_minutes_costs_no_more_triggers_than_the_budget_says_and_all_builds_end()
    {
        var isInMemory = typeof(TBackend) == typeof(InMemoryBackend);
        var (count, budget) = isInMemory ? (500, 100) : (30, 6);
        var end = StageBackend.Start + TimeSpan.FromMinutes(10);
        Runner.EveryBuild(_ => Backend.Time.GetUtcNow() < end ? Retries.Infra : FakeBuild.Succeeds(TimeSpan.FromSeconds(5)));
        var process = await StartRetryingAsync(budget);
        var submissions = Enumerable.Range(0, count).Select(number => Submissions.Of($"build-{number}", timeout: Retries.Total)).ToList();
        foreach (var submission in submissions.Take(count - 5))
        {
            await process.Orchestrator.SubmitAsync(submission);
        }

        await RunForAsync(process, TimeSpan.FromMinutes(10));
        foreach (var submission in submissions.TakeLast(5))
        {
            await process.Orchestrator.SubmitAsync(submission);
        }

        await RunForAsync(process, TimeSpan.FromMinutes(20));

        Runner.Triggers.Should().HaveCount(count + budget, "all of the budget is of use, and no more is spent");
        Runner.Triggers.Select(static trigger => trigger.Request.TriggerKey).Should().OnlyHaveUniqueItems();
        foreach (var submission in submissions)
        {
            var build = (await process.Orchestrator.FindAsync(submission.Key))!;
            (build.Status, KindOf(build)).Should().BeOneOf((BuildStatus.Succeeded, null), (BuildStatus.Failed, BuildFailureKinds.Infra));
            build.Status.Should().Be((await Runner.StatusAsync(build.RemoteId!.Value)).Status, "the verdict is that of the last attempt");
            if (build.Status == BuildStatus.Failed && build.Attempt < 3)
            {
                build.Note.Should().Contain("the budget of");
            }
        }

        Observer.Seen.Where(static seen => seen.Status.IsTerminal()).Distinct().Select(static seen => seen.Id).Should().HaveCount(count).And.OnlyHaveUniqueItems();
    }
}
