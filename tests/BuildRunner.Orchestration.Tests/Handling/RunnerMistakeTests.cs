using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>Runners that do not keep the contract. Nothing of what they do may end the loop or create a second build.</summary>
public sealed class RunnerMistakeTests : IAsyncDisposable
{
    private readonly HandlerFixture _fixture = new();

    public static TheoryData<string> Triggers => ["default id", "null task", "foreign exception", "synchronous exception", "cancels itself", "outcome unknown"];

    public static TheoryData<string> Polls => ["null task", "null snapshot", "foreign exception", "synchronous exception", "cancels itself", "outcome unknown"];

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [MemberData(nameof(Triggers))]
    public async Task A_trigger_that_answers_nothing_of_sense_has_an_unknown_outcome(string mistake)
    {
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(_ => Make<BuildId>(mistake));

        var outcome = await _fixture.DeliverAsync<TriggerHandler>();
        var again = await _fixture.DeliverAsync<TriggerHandler>();

        outcome.Kind.Should().Be(OutcomeKind.Postpone);
        outcome.Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromMinutes(1)).And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(1.2));
        again.Should().Be(Outcome.Postpone(TimeSpan.FromMinutes(1)), "it is waited for, and not called again");
        _fixture.Current.Should().Match<Build>(build => build.Bookkeeping.TriggerAttemptedAt != null && build.RemoteId == null && build.Status == BuildStatus.Accepted);
        await _fixture.Runner.ReceivedWithAnyArgs(1).TriggerAsync(null!, default);
    }

    [Theory]
    [MemberData(nameof(Polls))]
    public async Task A_poll_that_answers_nothing_of_sense_is_an_error_of_the_runner(string mistake)
    {
        _fixture.Current = _fixture.Running();
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(_ => Make<BuildSnapshot>(mistake));

        var outcome = await _fixture.DeliverAsync<PollHandler>();

        ShouldBePostponed(outcome);
        _fixture.Current.Status.Should().Be(BuildStatus.Running);
    }

    [Theory]
    [MemberData(nameof(Triggers))]
    public async Task A_look_up_that_answers_nothing_of_sense_is_an_error_of_the_runner(string mistake)
    {
        _fixture.Current = _fixture.NewBuild() with { Bookkeeping = new() { TriggerAttemptedAt = _fixture.Now.AddHours(-1) } };
        _fixture.Finder.FindAsync(null!, default).ReturnsForAnyArgs(_ => mistake == "default id" ? Task.FromResult<BuildId?>(default(BuildId)) : Make<BuildId?>(mistake));

        var outcome = await _fixture.DeliverAsync<TriggerHandler>();

        ShouldBePostponed(outcome);
        await _fixture.Runner.DidNotReceiveWithAnyArgs().TriggerAsync(null!, default);
        _fixture.Current.RemoteId.Should().BeNull();
    }

    [Theory]
    [InlineData("null task")]
    [InlineData("foreign exception")]
    [InlineData("synchronous exception")]
    [InlineData("cancels itself")]
    public async Task A_cancel_that_fails_in_any_way_keeps_the_status_from_nothing(string mistake)
    {
        _fixture.Current = _fixture.Running() with { CancelCause = BuildCancelCause.Caller };
        _fixture.Runner.CancelAsync(default).ReturnsForAnyArgs(_ => Make<bool>(mistake));
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Cancelled });

        (await _fixture.DeliverAsync<PollHandler>()).Should().Be(Outcome.Done);

        _fixture.Current.Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_poll_that_does_not_look_at_its_token_is_given_up()
    {
        _fixture.Current = _fixture.Running();
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new TaskCompletionSource<BuildSnapshot>().Task);
        var handling = _fixture.DeliverAsync<PollHandler>();

        _fixture.Time.Advance(TimeSpan.FromSeconds(30));

        ShouldBePostponed(await handling);
    }

    private void ShouldBePostponed(Outcome outcome)
    {
        outcome.Kind.Should().Be(OutcomeKind.Postpone);
        _fixture.Current!.Bookkeeping.ErrorsInARow.Should().Be(1);
        _fixture.Current.Bookkeeping.NotBefore.Should().Be(_fixture.Now + outcome.Delay);
    }

    private static Task<T> Make<T>(string mistake) => mistake switch
    {
        "default id" or "null snapshot" => Task.FromResult(default(T)!),
        "null task" => null!,
        "foreign exception" => Task.FromException<T>(new HttpRequestException("The CI is away.")),
        "synchronous exception" => throw new InvalidOperationException("A mistake."),
        "cancels itself" => Task.FromCanceled<T>(new CancellationToken(canceled: true)),
        _ => Task.FromException<T>(new TriggerOutcomeUnknownException()),
    };
}
