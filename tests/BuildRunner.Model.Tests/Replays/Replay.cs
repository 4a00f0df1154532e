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

    // The golden section: the targets of however many walks are evenly spread.
    private const double Stride = 0.6180339887498949;

    private readonly ReplayMap<TState> _map = new(model);

    /// <summary>Gets how many steps were made in all.</summary>
    public int Total { get; private set; }

    /// <summary>Gets how often the handlers began anew.</summary>
    public int Walks { get; private set; }

    /// <summary>Gets how many different steps were made.</summary>
    public int Made => _map.Made;

    /// <summary>Gets how many kinds of steps were made.</summary>
    public int Kinds => _map.Kinds;

    /// <summary>Gets a value indicating whether all steps are made.</summary>
    public bool IsWhole => Exploration.States.Count <= Small;

    public Exploration<TState> Exploration => _map.Exploration;

    /// <summary>Makes all steps, in walks from the start that take new ones for as long as there are any; or, of a large model, those on so many walks, with some of each kind.</summary>
    public async Task RunAsync(int most)
    {
        var states = _map.Exploration.States.Count;
        most = IsWhole ? int.MaxValue : most;
        foreach (var way in _map.WaysToKinds())
        {
            await WalkAsync(way);
        }

        for (var number = 1; number <= states && Walks < most; number++)
        {
            var state = (int)(number * Stride % 1 * states);
            if (_map.HasNew(state))
            {
                await WalkAsync(_map.WayTo(state));
            }
        }

        // What is left of a small model, in which no way is too long to be gone to its end.
        while (Walks < most && _map.WayToNew(state: 0) is { Count: > 0 } way)
        {
            await WalkAsync(way);
        }
    }

    private async Task WalkAsync(IReadOnlyList<int> way)
    {
        Walks++;
        var made = Made;
        await using var process = start();
        Queue<int> steps = new(way);
        List<string> trace = [];
        for (var state = 0; trace.Count < longest;)
        {
            foreach (var step in steps.Count > 0 ? [] : _map.WayToNew(state))
            {
                steps.Enqueue(step);
            }

            if (!steps.TryDequeue(out var next))
            {
                break;
            }

            (var name, state) = _map.Make(next);
            trace.Add(name);
            Total++;
            await CompareAsync(process, _map.Exploration.States[state], trace);
        }

        // It would be tried for ever.
        if (Made == made)
        {
            throw new InvalidOperationException($"A walk of {longest} steps is too short: the next new step is {way.Count} steps away.");
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
}
