using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>A runner's answer to a trigger after the caller has stopped waiting.</summary>
public sealed class LateAnswerTests : IAsyncDisposable
{
    private static readonly TimeSpan TriggerTimeout = new BuildRunnerOptions().TriggerTimeout;

    private readonly HandlerFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task An_answer_after_the_time_out_is_adopted()
    {
        TaskCompletionSource<BuildId> answer = new();
        TaskCompletionSource saved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(answer.Task);
        _fixture.Store.When(store => store.TryUpdateAsync(Arg.Is<Build>(build => build.RemoteId != null), Arg.Any<IReadOnlyList<OutgoingMessage>>(), Arg.Any<CancellationToken>())).Do(_ => saved.SetResult());
        var handling = _fixture.DeliverAsync<TriggerHandler>();
        _fixture.Time.Advance(TriggerTimeout);
        var outcome = await handling;

        answer.SetResult(HandlerFixture.RemoteId);
        await saved.Task.WaitAsync(TimeSpan.FromMinutes(1));

        outcome.Kind.Should().Be(OutcomeKind.Postpone);
        outcome.Delay.Should().BeGreaterThanOrEqualTo(2 * TriggerTimeout);
        _fixture.Saved[^1].Build.Should().Match<Build>(build => build.RemoteId == HandlerFixture.RemoteId && build.Status == BuildStatus.Accepted);
        _fixture.Saved[^1].OutgoingMessages.Should().Contain(publication => publication.Topic == "buildsignal.ci");
    }

    [Fact]
    public async Task A_refusal_after_the_time_out_is_saved()
    {
        TaskCompletionSource<BuildId> answer = new();
        TaskCompletionSource saved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(answer.Task);
        _fixture.Store.When(store => store.TryUpdateAsync(Arg.Is<Build>(build => build.Status == BuildStatus.Failed), Arg.Any<IReadOnlyList<OutgoingMessage>>(), Arg.Any<CancellationToken>())).Do(_ => saved.SetResult());
        var handling = _fixture.DeliverAsync<TriggerHandler>();
        _fixture.Time.Advance(TriggerTimeout);
        await handling;

        answer.SetException(new BuildRunnerException("No."));
        await saved.Task.WaitAsync(TimeSpan.FromMinutes(1));

        _fixture.Current!.Note.Should().Contain("No.");
    }
}
