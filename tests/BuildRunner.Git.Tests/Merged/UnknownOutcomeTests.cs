using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>The outcome of a trigger is either known or reported as unknown, and known outcomes are not lost.</summary>
public sealed class UnknownOutcomeTests : IAsyncLifetime
{
    private MergedFixture _fixture = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await MergedFixture.CreateAsync();
        await _fixture.Origin.GitAsync("config", "http.receivepack", "true");
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    public static TheoryData<bool> Leaks => [true, false];

    [TimedTheory]
    [MemberData(nameof(Leaks))]
    public async Task What_a_runner_should_not_throw_leaves_the_outcome_of_a_trigger_unknown_and_a_status_as_it_is(bool isTimeOut)
    {
        var one = await _fixture.CommitAsync("one");
        Exception leak = isTimeOut ? new TaskCanceledException("late") : new IOException("broken");
        var host = _fixture.CreateHost(ci: new LeakyCi(_fixture.Ci, leak));

        await host.Awaiting(host => host.TriggerAsync(one)).Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        var thrown = await host.Awaiting(static host => host.StatusAsync(new BuildId("1"))).Should().ThrowAsync<Exception>();

        thrown.Which.Should().BeSameAs(leak);
        (await _fixture.ReadReferencesAsync()).Should().ContainSingle();
    }

    [TimedFact]
    public async Task A_CI_whose_list_is_behind_is_not_asked_for_a_second_build_before_it_can_have_caught_up()
    {
        var one = await _fixture.CommitAsync("one");
        _fixture.Ci.NextTrigger(FakeFailure.TimesOut());
        var host = _fixture.CreateHost(ci: new LaggingCi(_fixture.Ci));
        Func<Task> act = () => host.TriggerByKeyAsync("key", one);

        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        var asked = _fixture.Ci.Triggers.Count;
        _fixture.Time.Advance(TimeSpan.FromMinutes(5));
        await act();

        (asked, _fixture.Ci.Triggers.Count, _fixture.Ci.CreatedBuilds).Should().Be((1, 2, 1L));
    }

    [TimedFact]
    public async Task A_push_whose_answer_was_lost_is_gone_on_with_because_nothing_was_triggered()
    {
        var one = await _fixture.CommitAsync("one");
        await using GitHttpServer server = new(_fixture.Origin) { Loses = static request => request.Method == "POST" && request.Target.Contains("git-receive-pack", StringComparison.Ordinal) };
        var host = _fixture.CreateHost(options => options.Remote = server.Address, new PlainCi(_fixture.Ci));
        Func<Task<BuildId>> act = () => host.TriggerByKeyAsync("key", one);

        var thrown = (await act.Should().ThrowAsync<BuildRunnerException>()).Which;
        var references = await _fixture.ReadReferencesAsync();
        server.Loses = static _ => false;
        var buildId = await act();

        (thrown is TriggerOutcomeUnknownException, references.Count).Should().Be((false, 1), "git has done what it was asked for");
        (await host.Merged.FindCommitAsync(buildId)).Should().Be(references.Values.Single());
        _fixture.Ci.CreatedBuilds.Should().Be(1);
    }

    [TimedFact]
    public async Task A_record_is_completed_also_when_the_container_is_disposed_of()
    {
        var one = await _fixture.CommitAsync("one");
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource gate = new();
        var pushes = 0;
        await using GitHttpServer server = new(_fixture.Origin)
        {
            Answer = async (request, stopToken) =>
            {
                // Where the push begins: one that the server has can be done though nobody waits for it any more.
                if (request.Target.EndsWith("service=git-receive-pack", StringComparison.Ordinal) && Interlocked.Increment(ref pushes) == 2)
                {
                    asked.SetResult();
                    await gate.Task.WaitAsync(stopToken);
                }

                return null;
            },
        };
        var host = _fixture.CreateHost(options => options.Remote = server.Address);
        var trigger = host.TriggerAsync(one);
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        await MergedFixture.WaitAsync(() =>
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(trigger.IsCompleted);
        });
        var buildId = await trigger;

        var disposing = host.DisposeAsync().AsTask();

        // Not what comes out depends on the time, but how surely it is seen where nothing is waited for.
        await Task.WhenAny(disposing, Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken));
        gate.SetResult();
        await disposing;

        (await _fixture.CreateHost().Merged.FindCommitAsync(buildId)).Should().NotBeNull();
    }

    [TimedFact]
    public async Task A_build_that_no_record_names_lands_where_the_CI_tells_its_commit()
    {
        var host = _fixture.CreateHost();
        var one = await _fixture.CommitAsync("one");
        var expected = await host.Merged.FindCommitAsync(await host.TriggerAsync(one));
        _fixture.Ci.NextBuild(FakeBuild.Succeeds() with { Metadata = BuildMetadata.Create([new("commit", expected!)]) });
        _fixture.Ci.NextTrigger(FakeFailure.AnswerLost());
        await host.Awaiting(host => host.TriggerAsync(one)).Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();

        var result = await host.Merged.LandAsync(_fixture.Ci.Triggers[^1].BuildId!.Value);

        result.Should().Be(new LandingResult { Outcome = LandingOutcome.Landed, CommitId = expected });
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_branch_that_is_in_the_way_of_the_prefix_is_a_fault_of_the_setup(bool isLocal)
    {
        var one = await _fixture.CommitAsync("one");
        await _fixture.Origin.GitAsync("branch", "build", "main");
        await using GitHttpServer server = new(_fixture.Origin);
        var host = _fixture.CreateHost(options => options.Remote = isLocal ? _fixture.Origin.Path : server.Address);

        var thrown = await host.Awaiting(host => host.TriggerAsync(one)).Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();

        thrown.Which.Message.Should().Contain("'refs/heads/build' exists");
    }
}
