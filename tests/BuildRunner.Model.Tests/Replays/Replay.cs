namespace BuildRunner.Model.Tests.Replays;

/// <summary>Makes every step between the states of a model with the real handlers, and compares after each.</summary>
/// <param name="model">The model.</param>
/// <param name="start">Begins anew.</param>
/// <param name="viewOf">Gets what of a state can be seen in the product.</param>
/// <param name="longest">After how many steps a walk ends.</param>
internal sealed class Replay<TState>(IModel<TState> model, Func<IReplayed> start, Func<TState, object> viewOf, int longest = int.MaxValue)
    where TState : notnull
{
    private const int Small = 1500;

    private readonly Dictionary<TState, (List<Step<TState>> Steps, bool[] IsDone)> _steps = [];

    // How often the steps of each name were made.
    private readonly Dictionary<string, int> _kinds = new(StringComparer.Ordinal);

    /// <summary>Gets how many steps of the model were made with the real handlers, each at least once.</summary>
    public int Made { get; private set; }

    /// <summary>Gets how many steps were made in all.</summary>
    public int Total { get; private set; }

    /// <summary>Gets how many kinds of steps there were.</summary>
    public int Kinds => _kinds.Count;

    /// <summary>Gets how often the handlers began anew.</summary>
    public int Walks { get; private set; }

    /// <summary>Makes all steps, in walks from the start that take new ones for as long as there are any; or, of a large model, those on so many walks, with some of each kind.</summary>
    public async Task<Exploration<TState>> RunAsync(int most)
    {
        var exploration = Explorer.Explore(model);
        most = exploration.States.Count <= Small ? int.MaxValue : most;
        foreach (var state in Enumerable.Range(1, exploration.States.Count - 1).DistinctBy(state => exploration.Origins[state].Step))
        {
            if (!_kinds.ContainsKey(exploration.Origins[state].Step))
            {
                await WalkAsync(exploration.TraceTo(state));
            }
        }

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
        await using var process = start();
        var state = model.Start;
        List<string> trace = [];
        while (true)
        {
            var (steps, isDone) = StepsFrom(state);
            var next = trace.Count < way.Count ? IndexOf(steps, way[trace.Count]) : NewFrom(state);
            if (next < 0 || trace.Count == longest)
            {
                return;
            }

            Made += isDone[next] ? 0 : 1;
            isDone[next] = true;
            state = steps[next].Next;
            trace.Add(steps[next].Name);
            Total++;
            _kinds[steps[next].Name] = _kinds.GetValueOrDefault(steps[next].Name) + 1;
            await CompareAsync(process, state, trace);
        }
    }

    private async Task CompareAsync(IReplayed process, TState state, List<string> trace)
    {
        object actual;
        try
        {
            await process.DoAsync(trace[^1]);
            actual = await process.ViewAsync();
        }
        catch (Exception exception)
        {
            throw new ReplayException($"The handlers cannot make the last of the steps\n    {Text(trace)}", exception);
        }

        var expected = viewOf(state);
        if (!expected.Equals(actual))
        {
            throw new ReplayException($"After the steps\n    {Text(trace)}\nthe model says\n{expected}\nand the handlers\n{actual}");
        }
    }

    private static string Text(List<string> trace) => string.Join("\n    ", trace);

    private static int IndexOf(List<Step<TState>> steps, string name) => steps.FindIndex(step => step.Name == name);

    // Of those that were not made yet, one of the kind that was made least.
    private int NewFrom(TState state)
    {
        var (steps, isDone) = StepsFrom(state);
        var (next, least) = (-1, int.MaxValue);
        for (var index = 0; index < steps.Count; index++)
        {
            if (!isDone[index] && _kinds.GetValueOrDefault(steps[index].Name) is var made && made < least)
            {
                (next, least) = (index, made);
            }
        }

        return next;
    }

    private (List<Step<TState>> Steps, bool[] IsDone) StepsFrom(TState state)
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
