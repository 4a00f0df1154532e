using BuildRunner.Model.Attempts;
using BuildRunner.Model.Tests.Replays;
using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of builds in attempts (O14, O15) are those of the handlers.</summary>
[Slow]
public sealed class AttemptReplayTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, (AttemptFaults Faults, bool Finds)> Replays = new()
    {
        ["nothing"] = (new(), true),
        ["two failures, another build"] = (new() { Infra = 2, Others = 1 }, true),
        ["two failures, another build, a crash"] = (new() { Infra = 2, Others = 1, Crashes = 1 }, true),
        ["a failure, a signal, a lapse"] = (new() { Infra = 1, Signals = 1, Lapses = 1 }, true),
        ["the CI stops it, a signal, a cancel"] = (new() { Stops = 1, Signals = 1, Cancels = 1 }, true),
        ["a trigger hangs, a lapse"] = (new() { Hangs = 1, Lapses = 1 }, true),
        ["no look-up, a trigger hangs, a cancel"] = (new() { Hangs = 1, Cancels = 1 }, false),
        ["no look-up, two crashes"] = (new() { Crashes = 2 }, false),
    };

    public static TheoryData<string> Names => [.. Replays.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public Task The_handlers_do_what_the_model_does(string name)
    {
        var (faults, finds) = Replays[name];
        return ReplayRun.CheckAsync(Of(faults, finds), output);
    }

    [Theory]
    [InlineData(AttemptMutation.SavesEndFirst, "two failures, another build")]
    [InlineData(AttemptMutation.BudgetApart, "two failures, another build")]
    [InlineData(AttemptMutation.AdoptsOldAttempts, "no look-up, a trigger hangs, a cancel")]
    [InlineData(AttemptMutation.AdoptsByMark, "a trigger hangs, a lapse")]
    [InlineData(AttemptMutation.PollsOldAttempts, "a failure, a signal, a lapse")]
    [InlineData(AttemptMutation.RetriesCancels, "the CI stops it, a signal, a cancel")]
    [InlineData(AttemptMutation.SharesKey, "two failures, another build")]
    [InlineData(AttemptMutation.SettlesNothing, "the CI stops it, a signal, a cancel")]
    internal Task A_model_with_a_mistake_is_not_what_the_handlers_do(AttemptMutation mutation, string name)
    {
        var (faults, finds) = Replays[name];
        return ReplayRun.FailsAsync(Of(faults, finds, mutation));
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "the next attempt is not published", "two failures, another build" },
        { "the budget is not spent", "two failures, another build" },
        { "settling is forgotten", "the CI stops it, a signal, a cancel" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task Handlers_with_a_mistake_do_not_do_what_the_model_does(string mistake, string name)
    {
        var (faults, finds) = Replays[name];
        ReplayFault fault = mistake switch
        {
            "the next attempt is not published" => new() { LosesTopic = BuildTopics.TriggerOf(ReplayStage.Ci) },
            "the budget is not spent" => new() { LosesDocuments = true },
            _ => new() { ForgetsSettling = true },
        };
        return ReplayRun.FailsAsync(Of(faults, finds, fault: fault));
    }

    private static Replay<AttemptState> Of(AttemptFaults faults, bool finds, AttemptMutation mutation = AttemptMutation.None, ReplayFault? fault = null) =>
        new(new AttemptModel(faults, finds, mutation: mutation), () => new AttemptProcess(finds) { Fault = fault ?? new() }, AttemptView.Of, longest: 150);
}
