using BuildRunner.Model.Builds;
using BuildRunner.Model.Tests.Replays;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of the model are those of the handlers: they are made with both, and what can be seen is the same after each.</summary>
[Slow]
public sealed class ReplayTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, (Faults Faults, bool Finds, bool Stops)> Replays = new()
    {
        ["nothing goes wrong"] = (new(), true, true),
        ["a crash"] = (new() { Crashes = 1 }, true, true),
        ["a lapse"] = (new() { Lapses = 1 }, true, true),
        ["a lapse, a cancel"] = (new() { Lapses = 1, Cancels = 1 }, true, true),
        ["a crash, a lapse"] = (new() { Crashes = 1, Lapses = 1 }, true, true),
        ["a cancel, a dead letter"] = (new() { Cancels = 1, Letters = 1 }, true, true),
        ["a lapse, a dead letter"] = (new() { Lapses = 1, Letters = 1 }, true, true),
        ["a lost answer, a cancel"] = (new() { Lost = 1, Cancels = 1 }, true, true),
        ["a trigger hangs, a lapse"] = (new() { Hangs = 1, Lapses = 1 }, true, true),
        ["two errors, a cancel"] = (new() { Errors = 2, Cancels = 1 }, true, true),
        ["a signal, a crash"] = (new() { Signals = 1, Crashes = 1 }, true, true),
        ["late"] = (new() { IsLate = true }, true, true),
        ["late, a dead letter"] = (new() { IsLate = true, Letters = 1 }, true, true),
        ["late, the CI stops nothing, a crash"] = (new() { IsLate = true, Crashes = 1 }, true, false),
        ["no look-up, two crashes"] = (new() { Crashes = 2 }, false, true),
        ["no look-up, a lapse, a cancel"] = (new() { Lapses = 1, Cancels = 1 }, false, true),
        ["no look-up, a trigger hangs, a lapse"] = (new() { Hangs = 1, Lapses = 1 }, false, true),
    };

    // What each mistake needs to be seen. The smaller the model, the sooner that is.
    private static readonly Dictionary<Mutation, (Faults Faults, bool Finds, bool Stops)> Mutants = new()
    {
        [Mutation.MarksNothing] = (new(), true, true),
        [Mutation.TriggersBlindly] = (new() { Crashes = 1 }, false, true),
        [Mutation.PublishesAfterSave] = (new(), true, true),
        [Mutation.PollPublishes] = (new(), true, true),
        [Mutation.ChangesShareIdentity] = (new(), true, true),
        [Mutation.LetterEndsTwice] = (new() { Letters = 1, Signals = 1 }, true, true),
        [Mutation.WakesAlways] = (new(), true, true),
        [Mutation.ErrorsCount] = (new() { Errors = 1 }, true, true),
        [Mutation.DropsLetters] = (new() { Letters = 1 }, true, true),
        [Mutation.LettersAskNothing] = (new() { Letters = 1 }, true, true),
        [Mutation.CancelsOnce] = (new() { Cancels = 1 }, true, true),
        [Mutation.DeadlineOnlyCancels] = (new() { IsLate = true }, true, false),
        [Mutation.BelievesSignals] = (new() { Signals = 1 }, true, true),
    };

    public static TheoryData<string> Names => [.. Replays.Keys];

    /// <summary>Gets the scenarios that are explored here.</summary>
    internal static IEnumerable<string> Scenarios => Replays.Keys.Select(NameOf);

    // A signal together with an error is not replayed.
    public static TheoryData<string> Mutations => ReplayRun.MutationsOf<Mutation>(nameof(Mutation.SignalIgnoresPause));

    [Theory]
    [MemberData(nameof(Names))]
    public Task The_handlers_do_what_the_model_does(string name)
    {
        var (faults, finds, stops) = Replays[name];
        return ReplayRun.CheckAsync(Of(faults, finds, stops), NameOf(name), output);
    }

    [Theory]
    [MemberData(nameof(Mutations))]
    public Task A_model_with_a_mistake_is_not_what_the_handlers_do(string name)
    {
        var mutation = Enum.Parse<Mutation>(name);
        var (faults, finds, stops) = Mutants[mutation];
        return ReplayRun.FailsAsync(Of(faults, finds, stops, mutation));
    }

    private static string NameOf(string name) => $"O1-O10: {name}";

    private static Replay<BuildState> Of(Faults faults, bool finds, bool stops, Mutation mutation = Mutation.None) =>
        new(new BuildModel(faults, finds, stops, mutation), () => new ReplayProcess(finds, stops), ReplayView.Of);
}
