using BuildRunner.Model.Builds;
using BuildRunner.Model.Tests.Replays;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of the model are those of the handlers: each is made with both, and what can be seen is the same after it.</summary>
public sealed class ReplayTests(ITestOutputHelper output)
{
    // Of large models, so many walks.
    private const int Walks = 400;

    private static readonly Dictionary<string, (Faults Faults, bool Finds, bool Stops)> Replays = new()
    {
        ["nothing"] = (new(), true, true),
        ["a crash"] = (new() { Crashes = 1 }, true, true),
        ["a lapse"] = (new() { Lapses = 1 }, true, true),
        ["a lapse and a cancel"] = (new() { Lapses = 1, Cancels = 1 }, true, true),
        ["a dead letter and a cancel"] = (new() { Letters = 1, Cancels = 1 }, true, true),
        ["a dead letter and a lapse"] = (new() { Letters = 1, Lapses = 1 }, true, true),
        ["late"] = (new() { IsLate = true }, true, true),
        ["late, a dead letter"] = (new() { IsLate = true, Letters = 1 }, true, true),
        ["late, a hang"] = (new() { IsLate = true, Hangs = 1 }, true, true),
        ["late, and the CI stops nothing"] = (new() { IsLate = true, Crashes = 1 }, true, false),
        ["a hang and a lapse"] = (new() { Hangs = 1, Lapses = 1 }, true, true),
        ["a lost answer"] = (new() { Lost = 1, Cancels = 1 }, true, true),
        ["errors"] = (new() { Errors = 2, Cancels = 1 }, true, true),
        ["a signal"] = (new() { Signals = 1, Crashes = 1 }, true, true),
        ["no look-up, two crashes"] = (new() { Crashes = 2 }, false, true),
        ["no look-up, a lapse and a cancel"] = (new() { Lapses = 1, Cancels = 1 }, false, true),
        ["no look-up, a hang and a lapse"] = (new() { Hangs = 1, Lapses = 1 }, false, true),
    };

    public static TheoryData<string> Names => [.. Replays.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_handlers_do_what_the_model_does(string name)
    {
        var (faults, finds, stops) = Replays[name];
        Replay replay = new(new BuildModel(faults, finds, stops), finds, stops);

        var exploration = await Task.Run(() => replay.RunAsync(Walks));

        output.WriteLine($"{exploration.States.Count} states, {replay.Made} of {exploration.Steps} steps in {replay.Walks} walks");
        replay.Made.Should().BePositive();
    }
}
