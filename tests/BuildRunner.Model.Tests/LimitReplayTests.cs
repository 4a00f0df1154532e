using BuildRunner.Model.Limits;
using BuildRunner.Model.Tests.Replays;
using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of a build with three limits (O13) are those of the handlers.</summary>
public sealed class LimitReplayTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task The_handlers_do_what_the_model_does(bool hasPending) => ReplayRun.CheckAsync(Of(hasPending), hasPending ? "O13: three limits" : "O13: two limits", output);

    [Theory]
    [InlineData(LimitMutation.IdPublishesNothing, true)]
    [InlineData(LimitMutation.RunPublishesNothing, false)]
    [InlineData(LimitMutation.TrustsMessage, true)]
    [InlineData(LimitMutation.CountsOwnWaiting, true)]
    [InlineData(LimitMutation.CountsHolds, true)]
    [InlineData(LimitMutation.ForgetsLimit, true)]
    internal Task A_model_with_a_mistake_is_not_what_the_handlers_do(LimitMutation mutation, bool hasPending) => ReplayRun.FailsAsync(Of(hasPending, mutation));

    [Fact]
    public Task Handlers_that_lose_the_message_of_a_limit_do_not_do_what_the_model_does() =>
        ReplayRun.FailsAsync(Of(hasPending: true, fault: new() { LosesTopic = BuildTopics.Deadline }));

    private static Replay<LimitState> Of(bool hasPending, LimitMutation mutation = LimitMutation.None, ReplayFault? fault = null) =>
        new(new LimitModel(hasPending, mutation), () => new LimitProcess(hasPending) { Fault = fault ?? new() }, LimitView.Of);
}
