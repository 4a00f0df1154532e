using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>No reference stays forever, and none is deleted that is needed or that belongs to others.</summary>
public sealed class SweepTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private MergedFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await MergedFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TimedTheory]
    [InlineData(BuildStatus.Failed)]
    [InlineData(BuildStatus.Cancelled)]
    public async Task The_reference_of_a_build_without_success_is_deleted_when_that_has_settled(BuildStatus status)
    {
        var host = _fixture.CreateHost();
        _fixture.Ci.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var (failed, running) = (await host.TriggerAsync(await _fixture.CommitAsync("one")), await host.TriggerAsync(await _fixture.CommitAsync("two")));
        _fixture.Ci.MoveTo(failed, status);

        (await host.StatusAsync(failed)).Status.Should().Be(status);
        (await host.StatusAsync(running)).Status.Should().Be(BuildStatus.Running);
        await host.TriggerAsync(await _fixture.CommitAsync("three"));
        (await _fixture.ReadReferencesAsync()).Should().HaveCount(3, "it may be started again by hand at once");
        var before = _fixture.Time.GetUtcNow();
        await MergedFixture.WaitAsync(async () =>
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            return (await _fixture.ReadReferencesAsync()).Count == 2;
        });
        (_fixture.Time.GetUtcNow() - before).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMinutes(1)).And.BeLessThan(Hour, "the second sweep would have done it");

        (await _fixture.ReadReferencesAsync()).Values.Should().NotContain((await host.Merged.FindCommitAsync(failed))!);
        (await host.StatusAsync(failed)).Metadata.ContainsKey("commit").Should().BeTrue();
    }

    [TimedFact]
    public async Task A_sweep_does_not_delete_the_reference_of_a_build_that_it_finds_ended_for_the_first_time()
    {
        var host = _fixture.CreateHost();
        _fixture.Ci.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        Dictionary<string, BuildId> builds = new(StringComparer.Ordinal);
        foreach (var branch in new[] { "one", "two" })
        {
            var buildId = await host.TriggerAsync(await _fixture.CommitAsync(branch));
            builds.Add((await host.Merged.FindCommitAsync(buildId))!, buildId);
        }

        // In the order in which they are deleted: what has landed, which goes with the first sweep, comes last.
        var records = (await _fixture.ReadReferencesAsync("refs/buildrunner/")).OrderBy(static record => record.Key, StringComparer.Ordinal).Select(static record => record.Value).Distinct();
        List<string> order = [];
        foreach (var record in records)
        {
            order.Add(await _fixture.Origin.TipAsync(record + "^"));
        }

        var (ended, landed) = (order[0], order[1]);
        _fixture.Ci.MoveTo(builds[ended], BuildStatus.Failed);
        await _fixture.Origin.GitAsync("update-ref", "refs/heads/main", landed);

        await MergedFixture.WaitAsync(async () =>
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(20));
            return !(await _fixture.ReadReferencesAsync()).Values.Contains(landed);
        });

        (await _fixture.ReadReferencesAsync()).Values.Should().Equal(ended);
    }

    [TimedFact]
    public async Task A_deletion_that_is_refused_does_not_keep_others_from_being_deleted()
    {
        await _fixture.Origin.GitAsync("config", "http.receivepack", "true");
        await using GitHttpServer server = new(_fixture.Origin);
        var host = _fixture.CreateHost(options => options.Remote = server.Address);
        await host.TriggerAsync(await _fixture.CommitAsync("one"));
        await host.TriggerAsync(await _fixture.CommitAsync("two"));
        var kept = (await _fixture.ReadReferencesAsync("refs/buildrunner/")).Keys.Concat((await _fixture.ReadReferencesAsync()).Keys.Take(1)).ToList();
        await _fixture.Origin.ShellAsync($"printf '#!/bin/sh\ncase \"{string.Join(' ', kept)}\" in *$1*) exit 1;; esac\n' > .git/hooks/update; chmod +x .git/hooks/update");
        _fixture.Time.Advance(TimeSpan.FromDays(8));

        await AdvanceUntilAsync(1);

        (await _fixture.ReadReferencesAsync()).Keys.Should().BeSubsetOf(kept);
    }

    [TimedFact]
    public async Task The_reference_of_a_build_that_nobody_asks_for_any_more_is_deleted_by_another_host()
    {
        var host = _fixture.CreateHost();
        _fixture.Ci.NextBuild(FakeBuild.Fails());
        await host.TriggerAsync(await _fixture.CommitAsync("one"));
        await host.TriggerAsync(await _fixture.CommitAsync("two"));
        await host.DisposeAsync();

        await _fixture.CreateHost().StartAsync();
        await AdvanceUntilAsync(1);

        (await _fixture.Origin.GitAsync("ls-tree", "--name-only", (await _fixture.ReadReferencesAsync()).Values.Single())).Should().Contain("two.txt");
    }

    [TimedFact]
    public async Task The_reference_of_a_commit_that_has_landed_by_whatever_means_is_deleted()
    {
        var host = _fixture.CreateHost();
        var (landed, other) = (await host.TriggerAsync(await _fixture.CommitAsync("one")), await host.TriggerAsync(await _fixture.CommitAsync("two")));
        await _fixture.Origin.GitAsync("update-ref", "refs/heads/main", (await host.Merged.FindCommitAsync(landed))!);

        await AdvanceUntilAsync(1);

        (await _fixture.ReadReferencesAsync()).Values.Should().Equal((await host.Merged.FindCommitAsync(other))!);
    }

    [TimedFact]
    public async Task References_and_records_are_deleted_after_the_retention_whatever_has_become_of_them()
    {
        var host = _fixture.CreateHost(options => options.RefRetention = TimeSpan.FromDays(2));
        _fixture.Ci.NextTrigger(FakeFailure.AnswerLost());
        _fixture.Ci.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var (one, two) = (await _fixture.CommitAsync("one", "same.txt"), await _fixture.CommitAsync("two", "same.txt"));
        await host.Awaiting(host => host.TriggerAsync(one)).Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        await host.TriggerAsync(two);
        var conflict = await host.TriggerOnAsync([one], two);
        _fixture.Time.Advance(TimeSpan.FromDays(2) - Hour);
        var young = await host.TriggerAsync(await _fixture.CommitAsync("three"));

        await AdvanceUntilAsync(1);

        (await _fixture.ReadReferencesAsync()).Values.Should().Equal((await host.Merged.FindCommitAsync(young))!);
        await _fixture.WaitForReferencesAsync(2, "refs/buildrunner/");
        await _fixture.CreateHost().Awaiting(other => other.StatusAsync(conflict)).Should().ThrowExactlyAsync<BuildNotFoundException>();
        await MergedFixture.WaitAsync(async () =>
        {
            // Here as well, when the sweep has come to its end.
            try
            {
                await host.StatusAsync(conflict);
                return false;
            }
            catch (BuildNotFoundException)
            {
                return true;
            }
        });
    }

    [TimedFact]
    public async Task What_somebody_else_has_put_there_stays()
    {
        var host = _fixture.CreateHost();
        _fixture.Ci.EveryBuild(static _ => FakeBuild.Fails());
        await host.TriggerAsync(await _fixture.CommitAsync("one"));
        var moved = (await _fixture.ReadReferencesAsync()).Keys.Single();
        var tip = await _fixture.Origin.TipAsync();
        string[] foreign = [MergedFixture.Prefix + "mine", MergedFixture.Prefix + new string('a', 32), "refs/buildrunner/" + new string('b', 32), "refs/buildrunner/mine"];
        foreach (var reference in foreign.Append(moved))
        {
            await _fixture.Origin.GitAsync("update-ref", reference, tip);
        }

        await host.TriggerAsync(await _fixture.CommitAsync("two"));
        _fixture.Time.Advance(TimeSpan.FromDays(8));
        await AdvanceUntilAsync(foreign.Length - 2 + 1);
        await _fixture.WaitForReferencesAsync(2, "refs/buildrunner/");

        (await _fixture.ReadReferencesAsync("refs/")).Keys.Should().BeEquivalentTo([.. foreign, moved, "refs/heads/main", "refs/heads/one", "refs/heads/two"]);
    }

    [TimedFact]
    public async Task A_build_whose_record_could_not_be_completed_is_known_here_and_later_everywhere()
    {
        var one = await _fixture.CommitAsync("one");
        var host = _fixture.CreateHost();
        var hidden = _fixture.Origin.Path + "-hidden";
        host.Reached = step =>
        {
            if (step == BuildRunner.Git.Merged.MergedStep.Triggered)
            {
                Directory.Move(_fixture.Origin.Path, hidden);
            }
        };

        var buildId = await host.TriggerAsync(one);
        var here = await host.StatusAsync(buildId);
        Directory.Move(hidden, _fixture.Origin.Path);
        var records = (await _fixture.ReadReferencesAsync("refs/buildrunner/")).Count;
        _fixture.Time.Advance(Hour);
        await _fixture.WaitForReferencesAsync(2, "refs/buildrunner/");

        records.Should().Be(1);
        here.Metadata.ContainsKey("commit").Should().BeTrue();
        (await _fixture.CreateHost().StatusAsync(buildId)).Metadata["commit"].Should().Be(here.Metadata["commit"]);
    }

    // Time passes until a sweep has come by.
    private Task AdvanceUntilAsync(int references) => MergedFixture.WaitAsync(async () =>
    {
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        return (await _fixture.ReadReferencesAsync()).Count == references;
    });
}
