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

    public static TheoryData<string> Mutations => ReplayRun.MutationsOf<GroupMutation>();

    /// <summary>Gets the scenarios that are explored here.</summary>
    internal static IEnumerable<string> Scenarios =>
    [
        NameOf(isSmall: true, failsFast: false),
        NameOf(isSmall: true, failsFast: true),
        NameOf(isSmall: false, failsFast: false),
        NameOf(isSmall: false, failsFast: true),
    ];

    [Theory]
    [MemberData(nameof(Replays))]
    public Task The_handlers_do_what_the_model_does(bool isSmall, bool failsFast) => ReplayRun.CheckAsync(
        Of(isSmall ? Small : Start, failsFast),
        NameOf(isSmall, failsFast),
        output);

    [Theory]
    [MemberData(nameof(Mutations))]
    public Task A_model_with_a_mistake_is_not_what_the_handlers_do(string name)
    {
        var mutation = Enum.Parse<GroupMutation>(name);
        return ReplayRun.FailsAsync(Of(Small, failsFast: mutation == GroupMutation.CancelsAfterVerdict, mutation));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Handlers_with_a_mistake_do_not_do_what_the_model_does(bool losesMessages) => ReplayRun.FailsAsync(Of(
        Small,
        failsFast: false,
        fault: new() { LosesTopic = losesMessages ? BuildTopics.Group : null, ComparesNoDocuments = !losesMessages }));

    private static string NameOf(bool isSmall, bool failsFast) => $"O18: {(failsFast ? "fails fast, " : "")}{(isSmall ? "a lapse" : "a crash, a lapse, a cancel")}";

    private static Replay<GroupState> Of(GroupState start, bool failsFast, GroupMutation mutation = GroupMutation.None, ReplayFault? fault = null) =>
        new(new GroupModel(start, failsFast, mutation), () => new GroupProcess(start.Members, failsFast) { Fault = fault ?? new() }, GroupView.Of, longest: 150);
}
