using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>The references and the exception of a trigger that fails.</summary>
public sealed class OutcomeTests : IAsyncLifetime
{
    private MergedFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await MergedFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TimedTheory]
    [InlineData("key")]
    [InlineData(null)]
    public async Task What_the_CI_will_take_later_is_kept_for_then(string? key)
    {
        var one = await _fixture.CommitAsync("one");
        _fixture.Ci.NextTrigger(FakeFailure.Transient(TimeSpan.FromSeconds(3)));
        var host = _fixture.CreateHost(ci: new PlainCi(_fixture.Ci));

        Func<Task<BuildId>> act = () => host.Runner.TriggerAsync(new BuildRequest { Head = [one], TriggerKey = key });
        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        var references = await _fixture.ReadReferencesAsync();
        var buildId = await act();

        references.Should().ContainSingle();
        (await _fixture.ReadReferencesAsync()).Should().Equal(references);
        (await host.Merged.FindCommitAsync(buildId)).Should().Be(references.Values.Single());
    }

    [TimedFact]
    public async Task Where_the_CI_will_not_take_it_nothing_is_left_and_the_next_trigger_merges_anew()
    {
        var one = await _fixture.CommitAsync("one");
        _fixture.Ci.NextTrigger(FakeFailure.CredentialsRefused());
        var host = _fixture.CreateHost();

        Func<Task> act = () => host.TriggerByKeyAsync("key", one);
        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();

        (await _fixture.ReadReferencesAsync("refs/")).Keys.Should().Equal("refs/heads/main", "refs/heads/one");
        var tip = await _fixture.MoveTargetAsync();
        var buildId = await host.TriggerByKeyAsync("key", one);
        (await host.Merged.IsInHistoryAsync((await host.Merged.FindCommitAsync(buildId))!, tip)).Should().BeTrue();
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_the_outcome_is_unknown_the_reference_stays_and_the_key_gives_one_build_of_the_same_commit(bool wasCreated)
    {
        var one = await _fixture.CommitAsync("one");
        _fixture.Ci.NextTrigger(wasCreated ? FakeFailure.AnswerLost() : FakeFailure.TimesOut());
        var host = _fixture.CreateHost();

        Func<Task> act = () => host.TriggerByKeyAsync("key", one);
        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        var references = await _fixture.ReadReferencesAsync();
        await _fixture.MoveTargetAsync();
        _fixture.Time.Advance(TimeSpan.FromMinutes(5));
        var buildId = await _fixture.CreateHost().TriggerByKeyAsync("key", one);

        references.Should().ContainSingle();
        (await host.Merged.FindCommitAsync(buildId)).Should().Be(references.Values.Single());
        (await _fixture.ReadReferencesAsync()).Should().Equal(references);
        _fixture.Ci.CreatedBuilds.Should().Be(1);
    }

    [TimedFact]
    public async Task A_build_that_was_found_by_its_key_alone_lands_from_every_host()
    {
        var one = await _fixture.CommitAsync("one");
        _fixture.Ci.NextTrigger(FakeFailure.AnswerLost());
        Func<Task> act = () => _fixture.CreateHost().TriggerByKeyAsync("key", one);
        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        var (reference, commit) = (await _fixture.ReadReferencesAsync()).Single();

        var finding = _fixture.CreateHost();
        var buildId = (await finding.Runner.As<IBuildFinder>()!.FindAsync("key"))!.Value;

        foreach (var host in new[] { finding, _fixture.CreateHost() })
        {
            (await host.Runner.As<IBuildFinder>()!.FindAsync("key")).Should().Be(buildId);
            var metadata = (await host.StatusAsync(buildId)).Metadata;
            (metadata["commit"], metadata["ref"]).Should().Be((commit, reference));
            (await host.Merged.LandAsync(buildId)).Should().Be(new LandingResult { Outcome = LandingOutcome.Landed, CommitId = commit });
        }

        (await _fixture.Origin.TipAsync()).Should().Be(commit);
        _fixture.Ci.CreatedBuilds.Should().Be(1);
    }

    [TimedFact]
    public async Task Where_a_build_may_need_it_a_later_refusal_does_not_delete_the_reference()
    {
        var one = await _fixture.CommitAsync("one");
        _fixture.Ci.NextTrigger(FakeFailure.TimesOut());
        _fixture.Ci.NextTrigger(FakeFailure.Permanent());
        var host = _fixture.CreateHost();

        Func<Task> act = () => host.TriggerByKeyAsync("key", one);
        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        _fixture.Time.Advance(TimeSpan.FromMinutes(5));
        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();

        (await _fixture.ReadReferencesAsync()).Should().ContainSingle();
    }

    [TimedFact]
    public async Task A_caller_that_leaves_while_the_CI_is_asked_leaves_the_reference()
    {
        var one = await _fixture.CommitAsync("one");
        var hanging = _fixture.Ci.NextTrigger(FakeFailure.Hangs());
        var host = _fixture.CreateHost();
        using CancellationTokenSource caller = new();

        var trigger = host.Runner.TriggerAsync(new BuildRequest { Head = [one], TriggerKey = "key" }, caller.Token);
        await hanging.Reached.WaitAsync(TestContext.Current.CancellationToken);
        await caller.CancelAsync();

        await trigger.Awaiting(static trigger => trigger).Should().ThrowAsync<OperationCanceledException>();
        (await _fixture.ReadReferencesAsync()).Should().ContainSingle();
    }

    [TimedFact]
    public async Task A_CI_that_finds_no_builds_is_not_asked_twice_where_the_outcome_is_unknown()
    {
        var one = await _fixture.CommitAsync("one");
        _fixture.Ci.NextTrigger(FakeFailure.AnswerLost());
        var host = _fixture.CreateHost(ci: new PlainCi(_fixture.Ci));

        Func<Task> act = () => host.TriggerByKeyAsync("key", one);
        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();

        _fixture.Ci.Triggers.Should().ContainSingle();
    }

    [TimedFact]
    public async Task A_CI_that_finds_no_builds_gives_one_for_a_key_all_the_same()
    {
        var one = await _fixture.CommitAsync("one");
        var host = _fixture.CreateHost(ci: new PlainCi(_fixture.Ci));
        _fixture.Ci.NextTrigger(FakeFailure.Transient());
        Func<Task> act = () => host.TriggerByKeyAsync("key", one);
        await act.Should().ThrowExactlyAsync<BuildRunnerException>();

        var first = await host.TriggerByKeyAsync("key", one);
        var second = await _fixture.CreateHost(ci: new PlainCi(_fixture.Ci)).TriggerByKeyAsync("key", one);

        (second, _fixture.Ci.CreatedBuilds).Should().Be((first, 1L));
    }

    [TimedFact]
    public async Task A_push_that_a_server_refuses_is_a_fault_of_the_setup_and_nothing_is_triggered()
    {
        var one = await _fixture.CommitAsync("one");
        await using GitHttpServer server = new(_fixture.Origin);
        await _fixture.Origin.ShellAsync("git config http.receivepack true; printf '#!/bin/sh\\necho not by you; exit 1\\n' > .git/hooks/pre-receive; chmod +x .git/hooks/pre-receive");
        var host = _fixture.CreateHost(options => options.Remote = server.Address);

        Func<Task> act = () => host.TriggerAsync(one);

        (await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.Message.Should().Contain("not by you");
        _fixture.Ci.Triggers.Should().BeEmpty();
    }

    [TimedFact]
    public async Task What_a_server_is_told_beside_a_push_is_told_of_what_is_to_be_built_and_not_of_what_lands()
    {
        var one = await _fixture.CommitAsync("one");
        await using GitHttpServer server = new(_fixture.Origin);
        var told = _fixture.Origin["told"];
        await _fixture.Origin.ShellAsync($$"""
            git config http.receivepack true
            git config receive.advertisePushOptions true
            printf '#!/bin/sh\nwhile read old new name; do echo $GIT_PUSH_OPTION_0 $name >> {{told}}; done\n' > .git/hooks/pre-receive
            chmod +x .git/hooks/pre-receive
            """);
        var host = _fixture.CreateHost(options => (options.Remote, options.PushOptions) = (server.Address, ["ci.skip"]));

        await host.Merged.LandAsync(await host.TriggerAsync(one));

        var lines = await File.ReadAllLinesAsync(told, TestContext.Current.CancellationToken);
        lines.Should().Contain(static line => line.StartsWith("ci.skip refs/heads/build/", StringComparison.Ordinal)).And.Contain("refs/heads/main");
    }

    [TimedTheory]
    [InlineData(503, true)]
    [InlineData(403, false)]
    public async Task A_push_without_an_answer_is_a_trigger_that_has_failed_and_no_unknown_one(int status, bool isTransient)
    {
        var one = await _fixture.CommitAsync("one");
        await using GitHttpServer server = new(_fixture.Origin)
        {
            Answer = (request, _) => Task.FromResult(request.Target.Contains("git-receive-pack", StringComparison.Ordinal) ? new ServedAnswer(status) : null),
        };
        await _fixture.Origin.GitAsync("config", "http.receivepack", "true");
        var host = _fixture.CreateHost(options => options.Remote = server.Address);

        Func<Task> act = () => host.TriggerByKeyAsync("key", one);
        var thrown = (await act.Should().ThrowAsync<BuildRunnerException>()).Which;
        server.Answer = static (_, _) => Task.FromResult<ServedAnswer?>(null);

        (thrown.IsTransient, thrown is TriggerOutcomeUnknownException).Should().Be((isTransient, false));
        _fixture.Ci.Triggers.Should().BeEmpty();
        (await host.StatusAsync(await host.TriggerByKeyAsync("key", one))).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedTheory]
    [InlineData("key")]
    [InlineData(null)]
    public async Task A_first_fetch_that_takes_three_minutes_ends_in_one_build(string? key)
    {
        var one = await _fixture.CommitAsync("one");
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource gate = new();
        await using GitHttpServer server = new(_fixture.Origin)
        {
            Answer = async (request, stopToken) =>
            {
                if (request.Body.AsSpan().IndexOf("command=fetch"u8) >= 0)
                {
                    asked.TrySetResult();
                    await gate.Task.WaitAsync(stopToken);
                }

                return null;
            },
        };
        await _fixture.Origin.GitAsync("config", "http.receivepack", "true");
        var host = _fixture.CreateHost(options => options.Remote = server.Address);

        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(3); passed += TimeSpan.FromSeconds(20))
        {
            var waiting = host.Runner.TriggerAsync(new BuildRequest { Head = [one], TriggerKey = key });
            await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
            await MergedFixture.WaitAsync(() =>
            {
                _fixture.Time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(waiting.IsCompleted);
            });
            var thrown = (await waiting.Awaiting(static waiting => waiting).Should().ThrowExactlyAsync<BuildRunnerException>()).Which;
            (thrown.IsTransient, thrown.RetryAfter).Should().Be((true, TimeSpan.FromSeconds(10)));
            _fixture.Time.Advance(thrown.RetryAfter!.Value);
        }

        _fixture.Ci.Triggers.Should().BeEmpty();
        gate.SetResult();
        var buildId = await host.Runner.TriggerAsync(new BuildRequest { Head = [one], TriggerKey = key });

        (await host.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
        (_fixture.Ci.CreatedBuilds, (await _fixture.ReadReferencesAsync()).Count).Should().Be((1, 1));
        server.Requests.Count(static request => request.Body.AsSpan().IndexOf("command=fetch"u8) >= 0).Should().Be(1);
    }
}
