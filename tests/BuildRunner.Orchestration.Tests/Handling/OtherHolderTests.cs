using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>Another holder of a message changes the build between a decision and its save: what was decided does not hold any more.</summary>
public sealed class OtherHolderTests : IAsyncDisposable
{
    private static readonly TimeSpan Settles = 2 * new BuildRunnerOptions().TriggerTimeout;

    private readonly HandlerFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_build_that_it_has_marked_is_not_triggered()
    {
        _fixture.Interferences.Enqueue(build => build with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } });

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Postpone(Settles));

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        _fixture.Saved.Should().BeEmpty();
    }

    [Fact]
    public async Task A_build_that_it_has_marked_again_is_not_triggered_although_the_runner_had_not_found_it()
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now - Settles } };
        _fixture.Finder.FindAsync(null!, default).ReturnsForAnyArgs((BuildId?)null);
        _fixture.Interferences.Enqueue(build => build with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } });

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Postpone(Settles));

        await _fixture.Runner.DidNotReceiveWithAnyArgs().TriggerAsync(null!, default);
    }

    [Fact]
    public async Task A_build_whose_mark_it_has_cleared_waits_for_its_pause()
    {
        _fixture.Interferences.Enqueue(build => build with { Bookkeeping = new() { NotBefore = _fixture.Now.AddMinutes(3) } });

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Postpone(TimeSpan.FromMinutes(3)));

        _fixture.Runner.ReceivedCalls().Should().BeEmpty();
        _fixture.Postpones.Should().Equal("not_before");
    }

    [Fact]
    public async Task A_dead_letter_ends_no_build_that_it_has_triggered_meanwhile()
    {
        var old = _fixture.Now - Settles;
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = old } };
        _fixture.Finder.FindAsync(null!, default).ReturnsForAnyArgs(_ =>
        {
            _fixture.Current = _fixture.Current! with { Version = _fixture.Current.Version + 1, Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now } };
            return Task.FromResult<BuildId?>(null);
        });

        (await _fixture.DeliverAsync<DeadLetterHandler>()).Should().Be(Outcome.Postpone(TimeSpan.Zero));

        _fixture.Current.Status.Should().Be(BuildStatus.Accepted);
        (await _fixture.DeliverAsync<DeadLetterHandler>()).Should().Be(Outcome.Postpone(Settles), "what came of that is not known");
    }

    [Fact]
    public async Task A_dead_letter_cancels_the_build_that_it_has_found_meanwhile()
    {
        BuildId other = new("remote-2");
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now - Settles } };
        _fixture.Finder.FindAsync(null!, default).ReturnsForAnyArgs(_ =>
        {
            _fixture.Current = _fixture.Current! with { Version = _fixture.Current.Version + 1, RemoteId = other };
            return Task.FromResult<BuildId?>(null);
        });
        await _fixture.DeliverAsync<DeadLetterHandler>();

        (await _fixture.DeliverAsync<DeadLetterHandler>()).Should().Be(Outcome.Done);

        await _fixture.Runner.Received(1).CancelAsync(other, Arg.Any<CancellationToken>());
        _fixture.Current.Should().Match<Build>(build => build.Status == BuildStatus.Failed && build.RemoteId == other);
    }
}
