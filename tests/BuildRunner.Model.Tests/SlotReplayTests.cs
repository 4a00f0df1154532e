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

    public static TheoryData<string> Names => [.. Replays.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public Task The_handlers_do_what_the_model_does(string name)
    {
        var (start, finds) = Replays[name];
        return ReplayRun.CheckAsync(Of(start, finds), output);
    }

    [Theory]
    [InlineData(SlotMutation.CountsFirst, "a lapse")]
    [InlineData(SlotMutation.ComparesNothing, "a lapse")]
    [InlineData(SlotMutation.UnknownFreesSlot, "three builds, a crash")]
    [InlineData(SlotMutation.FreesLater, "one build")]
    [InlineData(SlotMutation.JoinsSilently, "one build")]
    [InlineData(SlotMutation.MarksUnseen, "a hold, a lapse")]
    [InlineData(SlotMutation.RefusesNothing, "a runner that refuses, another caller")]
    internal Task A_model_with_a_mistake_is_not_what_the_handlers_do(SlotMutation mutation, string name)
    {
        var (start, finds) = Replays[name];
        return ReplayRun.FailsAsync(Of(start, finds, mutation));
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "nobody hears of a free slot", "one build" },
        { "the line is not compared", "a lapse" },
        { "the mark does not depend on a hold", "a hold, a lapse" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task Handlers_with_a_mistake_do_not_do_what_the_model_does(string mistake, string name)
    {
        var (start, finds) = Replays[name];
        ReplayFault fault = mistake switch
        {
            "nobody hears of a free slot" => new() { LosesTopic = BuildTopics.DispatchOf(ReplayStage.Ci) },
            "the line is not compared" => new() { ComparesNoDocuments = true },
            _ => new() { IgnoresGuards = true },
        };
        return ReplayRun.FailsAsync(Of(start, finds, fault: fault));
    }

    private static Replay<SlotState> Of(SlotState start, bool finds, SlotMutation mutation = SlotMutation.None, ReplayFault? fault = null) =>
        new(new SlotModel(start, finds, mutation: mutation), () => new SlotProcess(start.Builds.Count, finds) { Fault = fault ?? new() }, SlotView.Of, longest: 150);
}
