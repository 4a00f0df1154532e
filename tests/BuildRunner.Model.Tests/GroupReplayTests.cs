using BuildRunner.Model.Groups;
using BuildRunner.Model.Tests.Replays;
using BuildRunner.Orchestration;
using GroupState = BuildRunner.Model.Groups.GroupState;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of a group (O18) are those of its handler.</summary>
[Slow]
public sealed class GroupReplayTests(ITestOutputHelper output)
{
    private static readonly GroupState Start = GroupModel.With(required: 2, optional: 1) with { Crashes = 1, Lapses = 1, Cancels = 1 };

    private static readonly GroupState Small = GroupModel.With(required: 1, optional: 1) with { Lapses = 1 };

    public static TheoryData<bool, bool> Replays => new()
    {
        { true, false },
        { true, true },
        { false, false },
        { false, true },
    };

    /// <summary>Gets the scenarios that are explored here.</summary>
    internal static IEnumerable<string> Scenarios => [NameOf(failsFast: false), NameOf(failsFast: true)];

    [Theory]
    [MemberData(nameof(Replays))]
    public Task The_handlers_do_what_the_model_does(bool isSmall, bool failsFast) => ReplayRun.CheckAsync(
        Of(isSmall ? Small : Start, failsFast),
        isSmall ? "" : NameOf(failsFast),
        output);

    [Theory]
    [InlineData(GroupMutation.ComparesNothing, false)]
    [InlineData(GroupMutation.EndsSilently, false)]
    [InlineData(GroupMutation.CancelsAfterVerdict, true)]
    [InlineData(GroupMutation.CountsOptional, false)]
    [InlineData(GroupMutation.DecidesEarly, false)]
    internal Task A_model_with_a_mistake_is_not_what_the_handlers_do(GroupMutation mutation, bool failsFast) => ReplayRun.FailsAsync(Of(Small, failsFast, mutation));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Handlers_with_a_mistake_do_not_do_what_the_model_does(bool losesMessages) => ReplayRun.FailsAsync(Of(
        Small,
        failsFast: false,
        fault: new() { LosesTopic = losesMessages ? BuildTopics.Group : null, ComparesNoDocuments = !losesMessages }));

    private static string NameOf(bool failsFast) => $"O18: {(failsFast ? "fails fast, " : "")}a crash, a lapse, a cancel";

    private static Replay<GroupState> Of(GroupState start, bool failsFast, GroupMutation mutation = GroupMutation.None, ReplayFault? fault = null) =>
        new(new GroupModel(start, failsFast, mutation), () => new GroupProcess(start.Members, failsFast) { Fault = fault ?? new() }, GroupView.Of, longest: 150);
}
