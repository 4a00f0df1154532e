using BuildRunner.Orchestration.Tests.Handling;
using NSubstitute.ExceptionExtensions;

namespace BuildRunner.Orchestration.Tests.Runners;

public sealed class RunnerClientTests : IAsyncDisposable
{
    private static readonly BuildRunnerException Limit = new("Too many.") { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(10) };

    private readonly HandlerFixture _fixture = new();

    public RunnerClientTests() => _fixture.Current = _fixture.Running();

    public static TheoryData<Exception> WhatIsNoLimit =>
    [
        new BuildRunnerException("It is away.") { IsTransient = true },
        new TriggerOutcomeUnknownException(),
        new TimeoutException(),
        new InvalidOperationException("A mistake of the runner."),
    ];

    private RunnerClient Client => _fixture.Services.GetRequiredService<RunnerClients>().Get("ci");

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [MemberData(nameof(WhatIsNoLimit))]
    public async Task A_write_that_tries_and_meets_no_limit_lets_all_others_go(Exception failure)
    {
        await FailAsync(CancelAsync, Limit);
        _fixture.Time.Advance(TimeSpan.FromSeconds(10));
        using (await EnterAsync(RunnerCalls.Writes))
        {
            await FailAsync(CancelAsync, failure);
        }

        using var next = await EnterAsync(RunnerCalls.Writes);
        var another = EnterAsync(RunnerCalls.Writes);

        next.Wait.Should().BeNull();
        another.IsCompletedSuccessfully.Should().BeTrue("it does not wait for the call before it");
        (await another).Wait.Should().BeNull();
    }

    [Fact]
    public async Task A_read_that_tries_and_fails_by_a_mistake_of_the_runner_has_the_others_wait()
    {
        await FailAsync(StatusAsync, Limit);
        _fixture.Time.Advance(TimeSpan.FromSeconds(10));
        using (await EnterAsync(RunnerCalls.Reads))
        {
            await FailAsync(StatusAsync, new InvalidOperationException("A mistake of the runner."));
        }

        using var next = await EnterAsync(RunnerCalls.Reads);

        next.Wait.Should().NotBeNull();
    }

    [Fact]
    public async Task A_runner_that_shares_its_reads_hangs_with_as_few_cancels_as_any()
    {
        var runner = Substitute.For<IBuildRunner, IBuildStatusReader>();
        runner.CancelAsync(default).ReturnsForAnyArgs(new TaskCompletionSource().Task);
        await using HandlerFixture fixture = new(runner, configureRunner: static options => options.Concurrency = 1);
        var client = fixture.Services.GetRequiredService<RunnerClients>().Get("ci");
        var cancels = Enumerable.Range(0, 4).Select(_ => client.CancelAsync(Guid.NewGuid(), HandlerFixture.RemoteId, CancellationToken.None)).ToList();

        fixture.Time.Advance(client.Options.CallTimeout);

        foreach (var cancel in cancels)
        {
            await cancel.Awaiting(static it => it).Should().ThrowAsync<TimeoutException>();
        }

        client.IsHung.Should().BeTrue();
    }

    private Task CancelAsync() => Client.CancelAsync(_fixture.Current!.Id, HandlerFixture.RemoteId, CancellationToken.None);

    private Task StatusAsync() => Client.StatusAsync(_fixture.Current!.Id, HandlerFixture.RemoteId, maxAge: null, CancellationToken.None);

    private async Task FailAsync(Func<Task> call, Exception failure)
    {
        _fixture.Runner.CancelAsync(default).ThrowsAsyncForAnyArgs(failure);
        _fixture.Runner.StatusAsync(default).ThrowsAsyncForAnyArgs(failure);
        await call.Should().ThrowAsync<Exception>();
    }

    private Task<RunnerTurn> EnterAsync(RunnerCalls kinds) =>
        Client.Turns.EnterAsync(new BuildReading { Build = _fixture.Current, Now = _fixture.Now }, kinds, calls: 0, CancellationToken.None);
}
