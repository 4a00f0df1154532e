namespace BuildRunner.Model.Tests.Replays;

/// <summary>Replays models, and says how much of them.</summary>
internal static class ReplayRun
{
    // Of large models a part: walks to states that are evenly spread over all of them.
    private static int Walks => Environment.GetEnvironmentVariable("MODEL_WALKS") is { } walks ? int.Parse(walks, System.Globalization.CultureInfo.InvariantCulture) : 200;

    public static async Task CheckAsync<TState>(Replay<TState> replay, ITestOutputHelper output)
        where TState : notnull
    {
        var exploration = await Task.Run(() => replay.RunAsync(Walks));

        output.WriteLine($"{replay.Made} of {exploration.Steps} steps of {replay.Kinds} kinds between {exploration.States.Count} states, in {replay.Walks} walks of {replay.Total} steps");
        replay.Made.Should().BePositive();
    }

    /// <summary>Replays a model with a mistake, which the handlers do not make.</summary>
    public static async Task FailsAsync<TState>(Replay<TState> replay)
        where TState : notnull
    {
        var replaying = () => Task.Run(() => replay.RunAsync(Walks));

        await replaying.Should().ThrowAsync<ReplayException>();
    }
}
