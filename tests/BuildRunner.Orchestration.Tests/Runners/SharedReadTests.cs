using BuildRunner.Orchestration.Handling;
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
        await fixture.DeliverAsync<BuildSignalHandler>();

        await fixture.DeliverAsync<BuildSignalHandler>();

        fixture.Postpones.Should().Equal("poll", "poll");
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
}
