using BuildRunner.Model.Builds;
using BuildRunner.Model.Tests.Replays;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of the model are those of the handlers: they are made with both, and what can be seen is the same after each.</summary>
[Slow]
public sealed class ReplayTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, (Faults Faults, bool Finds, bool Stops)> Replays = new()
    {
        ["nothing"] = (new(), true, true),
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

    public static TheoryData<string> Names => [.. Replays.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public Task The_handlers_do_what_the_model_does(string name)
    {
        var (faults, finds, stops) = Replays[name];
        return ReplayRun.CheckAsync(Of(faults, finds, stops), output);
    }

    [Theory]
    [InlineData(Mutation.MarksNothing, "nothing")]
    [InlineData(Mutation.TriggersBlindly, "no look-up, two crashes")]
    [InlineData(Mutation.PublishesAfterSave, "nothing")]
    [InlineData(Mutation.PollPublishes, "nothing")]
    [InlineData(Mutation.ChangesShareIdentity, "nothing")]
    [InlineData(Mutation.WakesAlways, "nothing")]
    [InlineData(Mutation.ErrorsCount, "two errors, a cancel")]
    [InlineData(Mutation.DropsLetters, "a cancel, a dead letter")]
    [InlineData(Mutation.LettersAskNothing, "a cancel, a dead letter")]
    [InlineData(Mutation.CancelsOnce, "a lapse, a cancel")]
    [InlineData(Mutation.DeadlineOnlyCancels, "late, the CI stops nothing, a crash")]
    [InlineData(Mutation.BelievesSignals, "a signal, a crash")]
    internal Task A_model_with_a_mistake_is_not_what_the_handlers_do(Mutation mutation, string name)
    {
        var (faults, finds, stops) = Replays[name];
        return ReplayRun.FailsAsync(Of(faults, finds, stops, mutation));
    }

    private static Replay<BuildState> Of(Faults faults, bool finds, bool stops, Mutation mutation = Mutation.None) =>
        new(new BuildModel(faults, finds, stops, mutation), () => new ReplayProcess(finds, stops), ReplayView.Of);
}
