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
        ["a failure, a dead letter, a crash"] = (new() { Infra = 1, Letters = 1, Crashes = 1 }, true),
        ["a failure, a dead letter, a signal"] = (new() { Infra = 1, Letters = 1, Signals = 1 }, true),
        ["the CI stops it, a dead letter, a cancel"] = (new() { Stops = 1, Letters = 1, Cancels = 1 }, true),
        ["no look-up, a dead letter, a crash"] = (new() { Letters = 1, Crashes = 1 }, false),
        ["a trigger hangs, a lapse"] = (new() { Hangs = 1, Lapses = 1 }, true),
        ["no look-up, a trigger hangs, a cancel"] = (new() { Hangs = 1, Cancels = 1 }, false),
        ["no look-up, two crashes"] = (new() { Crashes = 2 }, false),
    };

    // What each mistake needs to be seen. The smaller the model, the sooner that is.
    private static readonly Dictionary<AttemptMutation, (AttemptFaults Faults, bool Finds)> Mutants = new()
    {
        [AttemptMutation.SavesEndFirst] = (new() { Infra = 1 }, true),
        [AttemptMutation.BudgetApart] = (new() { Infra = 1 }, true),
        [AttemptMutation.AdoptsOldAttempts] = (new() { Hangs = 1 }, false),
        [AttemptMutation.AdoptsByMark] = (new() { Hangs = 1, Lapses = 1 }, true),
        [AttemptMutation.PollsOldAttempts] = (new() { Infra = 1, Signals = 1 }, true),
        [AttemptMutation.LettersNameNoAttempt] = (new() { Infra = 1, Letters = 1, Crashes = 1 }, true),
        [AttemptMutation.RetriesCancels] = (new() { Cancels = 1 }, true),
        [AttemptMutation.SharesKey] = (new() { Infra = 1 }, true),
        [AttemptMutation.SettlesNothing] = (new() { Stops = 1 }, true),
    };

    public static TheoryData<string> Names => [.. Replays.Keys];

    /// <summary>Gets the scenarios that are explored here.</summary>
    internal static IEnumerable<string> Scenarios => Replays.Keys.Select(NameOf);

    public static TheoryData<string> Mutations => ReplayRun.MutationsOf<AttemptMutation>();

    [Theory]
    [MemberData(nameof(Names))]
    public Task The_handlers_do_what_the_model_does(string name)
    {
        var (faults, finds) = Replays[name];
        return ReplayRun.CheckAsync(Of(faults, finds), NameOf(name), output);
    }

    [Theory]
    [MemberData(nameof(Mutations))]
    public Task A_model_with_a_mistake_is_not_what_the_handlers_do(string name)
    {
        var mutation = Enum.Parse<AttemptMutation>(name);
        var (faults, finds) = Mutants[mutation];
        return ReplayRun.FailsAsync(Of(faults, finds, mutation));
    }

    [Theory]
    [InlineData("the next attempt is not published")]
    [InlineData("the budget is not spent")]
    [InlineData("settling is forgotten")]
    public Task Handlers_with_a_mistake_do_not_do_what_the_model_does(string mistake)
    {
        var (faults, fault) = mistake switch
        {
            "the next attempt is not published" => (new AttemptFaults { Infra = 1 }, new ReplayFault { LosesTopic = BuildTopics.TriggerOf(ReplayStage.Ci) }),
            "the budget is not spent" => (new() { Infra = 1 }, new() { LosesDocuments = true }),
            _ => (new() { Stops = 1 }, new() { ForgetsSettling = true }),
        };
        return ReplayRun.FailsAsync(Of(faults, finds: true, fault: fault));
    }

    private static string NameOf(string name) => $"O14, O15: {name}";

    private static Replay<AttemptState> Of(AttemptFaults faults, bool finds, AttemptMutation mutation = AttemptMutation.None, ReplayFault? fault = null) =>
        new(new AttemptModel(faults, finds, mutation: mutation), () => new AttemptProcess(finds) { Fault = fault ?? new() }, AttemptView.Of, longest: 150);
}
