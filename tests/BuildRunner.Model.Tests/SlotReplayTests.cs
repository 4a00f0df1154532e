using BuildRunner.Model.Slots;
using BuildRunner.Model.Tests.Replays;
using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of builds in flight and of a runner that is held (O16, O17) are those of the handlers.</summary>
[Slow]
public sealed class SlotReplayTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, (SlotState Start, bool Finds)> Replays = new()
    {
        ["one build"] = (SlotModel.With(builds: 1), true),
        ["three builds, a crash"] = (SlotModel.With(builds: 3) with { Crashes = 1 }, true),
        ["a crash, a lapse"] = (SlotModel.With(builds: 2) with { Crashes = 1, Lapses = 1 }, true),
        ["a lapse"] = (SlotModel.With(builds: 2) with { Lapses = 1 }, true),
        ["a lapse, a cancel"] = (SlotModel.With(builds: 2) with { Lapses = 1, Cancels = 1 }, true),
        ["a hold, a lapse"] = (SlotModel.With(builds: 2) with { Holds = 1, Lapses = 1 }, true),
        ["a runner that refuses or is held, another caller"] = (SlotModel.With(builds: 1) with { Holds = 2, Callers = 1 }, true),
        ["a runner that refuses, another caller"] = (SlotModel.With(builds: 0) with { Holds = 1, Callers = 1 }, true),
        ["no look-up, two crashes"] = (SlotModel.With(builds: 2) with { Crashes = 2 }, false),
    };

    // What each mistake needs to be seen. The smaller the model, the sooner that is.
    private static readonly Dictionary<SlotMutation, SlotState> Mutants = new()
    {
        [SlotMutation.CountsFirst] = SlotModel.With(builds: 2) with { Lapses = 1 },
        [SlotMutation.ComparesNothing] = SlotModel.With(builds: 2) with { Lapses = 1 },
        [SlotMutation.UnknownFreesSlot] = SlotModel.With(builds: 1) with { Crashes = 1 },
        [SlotMutation.FreesLater] = SlotModel.With(builds: 1),
        [SlotMutation.JoinsSilently] = SlotModel.With(builds: 1),
        [SlotMutation.MarksUnseen] = SlotModel.With(builds: 1) with { Holds = 1 },
        [SlotMutation.RefusesNothing] = SlotModel.With(builds: 0) with { Holds = 1, Callers = 1 },
    };

    public static TheoryData<string> Names => [.. Replays.Keys];

    /// <summary>Gets the scenarios that are explored here.</summary>
    internal static IEnumerable<string> Scenarios => Replays.Keys.Select(NameOf);

    public static TheoryData<string> Mutations => ReplayRun.MutationsOf<SlotMutation>();

    [Theory]
    [MemberData(nameof(Names))]
    public Task The_handlers_do_what_the_model_does(string name)
    {
        var (start, finds) = Replays[name];
        return ReplayRun.CheckAsync(Of(start, finds), NameOf(name), output);
    }

    [Theory]
    [MemberData(nameof(Mutations))]
    public Task A_model_with_a_mistake_is_not_what_the_handlers_do(string name)
    {
        var mutation = Enum.Parse<SlotMutation>(name);
        return ReplayRun.FailsAsync(Of(Mutants[mutation], finds: true, mutation));
    }

    [Theory]
    [InlineData("nobody hears of a free slot")]
    [InlineData("the line is not compared")]
    [InlineData("the mark does not depend on a hold")]
    public Task Handlers_with_a_mistake_do_not_do_what_the_model_does(string mistake)
    {
        var (start, fault) = mistake switch
        {
            "nobody hears of a free slot" => (SlotModel.With(builds: 1), new ReplayFault { LosesTopic = BuildTopics.DispatchOf(ReplayStage.Ci) }),
            "the line is not compared" => (SlotModel.With(builds: 2) with { Lapses = 1 }, new() { ComparesNoDocuments = true }),
            _ => (SlotModel.With(builds: 1) with { Holds = 1 }, new() { IgnoresGuards = true }),
        };
        return ReplayRun.FailsAsync(Of(start, finds: true, fault: fault));
    }

    private static string NameOf(string name) => $"O16, O17: {name}";

    private static Replay<SlotState> Of(SlotState start, bool finds, SlotMutation mutation = SlotMutation.None, ReplayFault? fault = null) =>
        new(new SlotModel(start, finds, mutation: mutation), () => new SlotProcess(start.Builds.Count, finds) { Fault = fault ?? new() }, SlotView.Of, longest: 150);
}
