using BuildRunner.Model.Builds;
using BuildRunner.Model.Tests.Replays;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of the model are those of the handlers: each is made with both, and what can be seen is the same after it.</summary>
public sealed class ReplayTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("crash")]
    public async Task The_handlers_do_what_the_model_does(string fault)
    {
        Replay replay = new(new BuildModel(FaultsOf(fault)));

        var exploration = await Task.Run(replay.RunAsync);

        output.WriteLine($"{exploration.States.Count} states, {replay.Made} steps in {replay.Walks} walks");
        replay.Made.Should().Be(exploration.Steps);
    }

    private static Faults FaultsOf(string fault) => fault switch
    {
        "crash" => new() { Crashes = 1 },
        _ => default,
    };
}
