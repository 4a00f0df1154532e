using BuildRunner.Model.Limits;
using BuildRunner.Model.Tests.Replays;
using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of a build with three limits (O13) are those of the handlers.</summary>
public sealed class LimitReplayTests(ITestOutputHelper output)
{
    /// <summary>Gets the scenarios that are explored here.</summary>
    internal static IEnumerable<string> Scenarios => [NameOf(hasPending: true), NameOf(hasPending: false)];

    public static TheoryData<string> Mutations => ReplayRun.MutationsOf<LimitMutation>();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task The_handlers_do_what_the_model_does(bool hasPending) => ReplayRun.CheckAsync(Of(hasPending), NameOf(hasPending), output);

    [Theory]
    [MemberData(nameof(Mutations))]
    public Task A_model_with_a_mistake_is_not_what_the_handlers_do(string name)
    {
        var mutation = Enum.Parse<LimitMutation>(name);
        return ReplayRun.FailsAsync(Of(hasPending: mutation != LimitMutation.RunPublishesNothing, mutation));
    }

    [Fact]
    public Task Handlers_that_lose_the_message_of_a_limit_do_not_do_what_the_model_does() =>
        ReplayRun.FailsAsync(Of(hasPending: true, fault: new() { LosesTopic = BuildTopics.Deadline }));

    private static string NameOf(bool hasPending) => $"O13: {(hasPending ? "three" : "two")} limits";

    private static Replay<LimitState> Of(bool hasPending, LimitMutation mutation = LimitMutation.None, ReplayFault? fault = null) =>
        new(new LimitModel(hasPending, mutation), () => new LimitProcess(hasPending) { Fault = fault ?? new() }, LimitView.Of);
}
