using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>Makes every step between the states of a model with the real handlers, and compares after each.</summary>
internal sealed class Replay(BuildModel model, bool finds = true, bool stops = true)
{
    private const int Small = 2000;

    private readonly Dictionary<BuildState, (IReadOnlyList<Step<BuildState>> Steps, bool[] IsDone)> _steps = [];

    /// <summary>Gets how many steps of the model were made with the real handlers, each at least once.</summary>
    public int Made { get; private set; }

    /// <summary>Gets how often the handlers began anew.</summary>
    public int Walks { get; private set; }

    /// <summary>Makes all steps, in walks from the start that take new ones for as long as there are any; or, of a large model, those on so many walks.</summary>
    public async Task<Exploration<BuildState>> RunAsync(int most)
    {
        var exploration = Explorer.Explore(model);
        most = exploration.States.Count <= Small ? int.MaxValue : most;
        var every = Math.Max(1, exploration.States.Count / most);
        for (var state = exploration.States.Count - 1; state >= 0; state -= every)
        {
            while (NewFrom(exploration.States[state]) >= 0 && Walks < most)
            {
                await WalkAsync(exploration.TraceTo(state));
            }
        }

        return exploration;
    }

    private async Task WalkAsync(IReadOnlyList<string> way)
    {
        Walks++;
        await using ReplayProcess process = new(finds, stops);
        var state = model.Start;
        List<string> trace = [];
        while (true)
        {
            var (steps, isDone) = StepsFrom(state);
            var next = trace.Count < way.Count ? IndexOf(steps, way[trace.Count]) : NewFrom(state);
            if (next < 0)
            {
                return;
            }

            Made += isDone[next] ? 0 : 1;
            isDone[next] = true;
            state = steps[next].Next;
            trace.Add(steps[next].Name);
            await CompareAsync(process, state, trace);
        }
    }

    private static async Task CompareAsync(ReplayProcess process, BuildState state, List<string> trace)
    {
        var way = string.Join("\n    ", trace);
        ReplayView actual;
        try
        {
            await process.DoAsync(trace[^1]);
            actual = await process.ViewAsync();
        }
        catch (Exception exception)
        {
            throw new ReplayException($"The handlers cannot make the last of the steps\n    {way}", exception);
        }

        var expected = ReplayView.Of(state);
        if (expected != actual)
        {
            throw new ReplayException($"After the steps\n    {way}\nthe model says\n{expected}\nand the handlers\n{actual}");
        }
    }

    private static int IndexOf(IReadOnlyList<Step<BuildState>> steps, string name) => steps.Select(static step => step.Name).ToList().IndexOf(name);

    private int NewFrom(BuildState state) => Array.IndexOf(StepsFrom(state).IsDone, false);

    private (IReadOnlyList<Step<BuildState>> Steps, bool[] IsDone) StepsFrom(BuildState state)
    {
        if (!_steps.TryGetValue(state, out var known))
        {
            var steps = model.StepsFrom(state).ToList();
            known = (steps, new bool[steps.Count]);
            _steps.Add(state, known);
        }

        return known;
    }
}
