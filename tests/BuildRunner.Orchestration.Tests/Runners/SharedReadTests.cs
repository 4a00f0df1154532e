using BuildRunner.Orchestration.Tests.Handling;
using BuildRunner.Queue;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Tests.Runners;

/// <summary>The calls of a runner that reads for many are no requests, and are not counted as such.</summary>
public sealed class SharedReadTests
{
    [Fact]
    public async Task Polls_do_not_count_against_the_rate()
    {
        var runner = Substitute.For<IBuildRunner, IBuildStatusReader>();
        runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Running });
        await using HandlerFixture fixture = new(runner, configureRunner: static options => options.CallsPerSecond = 0.0001);
        fixture.Current = fixture.Running();
        await fixture.DeliverAsync<PollHandler>();

        await fixture.DeliverAsync<PollHandler>();

        fixture.Postpones.Should().Equal("poll", "poll");
    }

    [Fact]
    public async Task A_poll_that_was_signalled_counts_against_the_rate()
    {
        var runner = Substitute.For<IBuildRunner, IBuildStatusReader>();
        await using HandlerFixture fixture = new(runner, configureRunner: static options => options.CallsPerSecond = 0.0001);
        fixture.Current = fixture.Running();
        await fixture.Services.GetRequiredService<RunnerClients>().Get("ci").Turns.TryEnterAsync(1, CancellationToken.None);
        using CancellationTokenSource stopped = new();
        await stopped.CancelAsync();

        var poll = () => fixture.DeliverAsync<PollHandler>(suffix: "/signal", cancellationToken: stopped.Token);

        await poll.Should().ThrowAsync<OperationCanceledException>("it waits for its turn");
        runner.ReceivedCalls().Should().NotContain(static call => call.GetMethodInfo().Name == nameof(IBuildRunner.StatusAsync));
    }

    [Fact]
    public async Task A_signalled_poll_of_a_decorated_runner_goes_through_its_decorator()
    {
        var runner = Substitute.For<IBuildRunner, IBuildStatusReader>();
        runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Running });
        ((IBuildStatusReader)runner).StatusAsync(default, default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Running });
        await using HandlerFixture fixture = new(new Translating(runner));
        fixture.Current = fixture.Running();

        await fixture.DeliverAsync<PollHandler>(suffix: "/signal");

        fixture.Current.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Theory]
    [InlineData(true, 512)]
    [InlineData(false, 3)]
    public async Task Concurrency_bounds_polls_only_where_each_is_a_request(bool isShared, int polls)
    {
        var runner = isShared ? Substitute.For<IBuildRunner, IBuildStatusReader>() : Substitute.For<IBuildRunner>();
        await using HandlerFixture fixture = new(runner, configureRunner: static options => options.Concurrency = 3);
        var consumers = fixture.Services.GetRequiredService<IOptionsMonitor<ConsumerOptions>>();

        consumers.Get(BuildTopics.SignalOf("ci")).Concurrency.Should().Be(polls);
        consumers.Get(BuildTopics.TriggerOf("ci")).Concurrency.Should().Be(3);
    }

    private sealed class Translating(IBuildRunner inner) : DelegatingBuildRunner(inner)
    {
        public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
            await base.StatusAsync(buildId, cancellationToken) with { Status = BuildStatus.Succeeded };
    }
}
