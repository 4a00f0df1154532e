namespace BuildRunner.Model.Tests.Replays;

/// <summary>Replays models, and says how much of them.</summary>
internal static class ReplayRun
{
    // Of large models a part: walks to states that are evenly spread over all of them.
    private static int Walks => Environment.GetEnvironmentVariable("MODEL_WALKS") is { } walks ? int.Parse(walks, System.Globalization.CultureInfo.InvariantCulture) : 120;

    /// <summary>Replays a model, which keeps the rules.</summary>
    /// <param name="replay">The model.</param>
    /// <param name="scenario">The name of the scenario that it may be.</param>
    /// <param name="output">Where it is said how much was replayed.</param>
    public static async Task CheckAsync<TState>(Replay<TState> replay, string scenario, ITestOutputHelper output)
        where TState : notnull
    {
        var states = Scenarios.All.SingleOrDefault(it => it.Name == scenario)?.States ?? replay.Exploration.States.Count;
        replay.Exploration.Violations.Should().BeEmpty(replay.Exploration.Describe());
        replay.Exploration.States.Count.Should().Be(states);

        output.WriteLine(await Task.Run(() => replay.RunAsync(Walks)));
    }

    /// <summary>Replays a model with a mistake, which the handlers do not make.</summary>
    public static async Task FailsAsync<TState>(Replay<TState> replay)
        where TState : notnull
    {
        var replaying = () => Task.Run(() => replay.RunAsync(Walks));

        await replaying.Should().ThrowAsync<ReplayException>();
    }
}
