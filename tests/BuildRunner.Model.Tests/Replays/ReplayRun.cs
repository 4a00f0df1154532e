namespace BuildRunner.Model.Tests.Replays;

/// <summary>Replays models, and says how much of them.</summary>
internal static class ReplayRun
{
    // Of large models a part: walks to states that are evenly spread over all of them.
    private static int Walks => Environment.GetEnvironmentVariable("MODEL_WALKS") is { } walks ? int.Parse(walks, System.Globalization.CultureInfo.InvariantCulture) : 120;

    /// <summary>Gets the names of all mistakes of a model, so that a test without an entry for one fails.</summary>
    public static TheoryData<string> MutationsOf<TMutation>(params string[] but)
        where TMutation : struct, Enum => [.. Enum.GetNames<TMutation>().Except(["None", .. but])];

    /// <summary>Replays a model, which keeps the rules.</summary>
    /// <param name="replay">The model.</param>
    /// <param name="scenario">The name of the scenario that it is.</param>
    /// <param name="output">Where it is said how much was replayed.</param>
    public static async Task CheckAsync<TState>(Replay<TState> replay, string scenario, ITestOutputHelper output)
        where TState : notnull
    {
        var exploration = replay.Exploration;
        exploration.Violations.Should().BeEmpty(exploration.Describe());
        exploration.States.Count.Should().Be(Scenarios.All.Single(it => it.Name == scenario).States);

        await Task.Run(() => replay.RunAsync(Walks));

        output.WriteLine($"{replay.Made} of {exploration.Steps} steps of {replay.Kinds} kinds between {exploration.States.Count} states, in {replay.Walks} walks of {replay.Total} steps");
        replay.Kinds.Should().Be(exploration.Kinds.Count);
        if (replay.IsWhole)
        {
            replay.Made.Should().Be(exploration.Steps);
        }
    }

    /// <summary>Replays a model with a mistake, which the handlers do not make.</summary>
    public static async Task FailsAsync<TState>(Replay<TState> replay)
        where TState : notnull
    {
        var replaying = () => Task.Run(() => replay.RunAsync(Walks));

        await replaying.Should().ThrowAsync<ReplayException>();
    }
}
