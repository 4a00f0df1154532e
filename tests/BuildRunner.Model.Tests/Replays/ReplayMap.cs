namespace BuildRunner.Model.Tests.Replays;

/// <summary>Knows all states of a model and which steps between them were made, and chooses steps that were not.</summary>
internal sealed class ReplayMap<TState>
    where TState : notnull
{
    private readonly IModel<TState> _model;
    private readonly Exploration<TState> _exploration;
    private readonly bool[] _isMade;

    // How often the steps of each name were made.
    private readonly Dictionary<string, int> _kinds = new(StringComparer.Ordinal);

    // For each state, how many steps it takes to get there at least.
    private readonly int[] _depths;

    // For each step, the state from which it leads.
    private readonly int[] _sources;

    // The steps in the order of the states to which they lead, and for each state the first of them.
    private readonly int[] _incoming;
    private readonly int[] _firstIncoming;

    public ReplayMap(IModel<TState> model)
    {
        (_model, _exploration) = (model, Explorer.Explore(model));
        var (states, steps) = (_exploration.States.Count, _exploration.Steps);
        (_isMade, _sources, _incoming) = (new bool[steps], new int[steps], new int[steps]);
        (_depths, _firstIncoming) = (new int[states], new int[states + 1]);
        for (var state = 0; state < states; state++)
        {
            _depths[state] = state == 0 ? 0 : _depths[_exploration.Origins[state].From] + 1;
            for (var step = _exploration.Firsts[state]; step < _exploration.Firsts[state + 1]; step++)
            {
                _sources[step] = state;
                _firstIncoming[_exploration.Targets[step] + 1]++;
            }
        }

        for (var state = 0; state < states; state++)
        {
            _firstIncoming[state + 1] += _firstIncoming[state];
        }

        var next = _firstIncoming.ToArray();
        for (var step = 0; step < steps; step++)
        {
            _incoming[next[_exploration.Targets[step]]++] = step;
        }
    }

    public Exploration<TState> Exploration => _exploration;

    /// <summary>Gets how many steps were made.</summary>
    public int Made { get; private set; }

    /// <summary>Gets how many kinds of steps were made.</summary>
    public int Kinds => _kinds.Count;

    /// <summary>Gets the name of a step and the state that it leads to, and takes it for made.</summary>
    public (string Name, int To) Make(int step)
    {
        var name = _model.StepsFrom(_exploration.States[_sources[step]]).ElementAt(step - _exploration.Firsts[_sources[step]]).Name;
        Made += _isMade[step] ? 0 : 1;
        _isMade[step] = true;
        _kinds[name] = _kinds.GetValueOrDefault(name) + 1;
        return (name, _exploration.Targets[step]);
    }

    public bool HasNew(int state) => StepsFrom(state).Any(step => !_isMade[step]);

    /// <summary>Gets shortest ways to one step of each kind, as far as no step of it was made.</summary>
    public IEnumerable<IReadOnlyList<int>> WaysToKinds()
    {
        foreach (var (name, step) in _exploration.Kinds)
        {
            if (!_kinds.ContainsKey(name))
            {
                yield return [.. WayTo(_sources[step]), step];
            }
        }
    }

    /// <summary>Gets a shortest way to a state. There are often many, in which the same steps have another order: this one goes back by steps that were not made yet.</summary>
    public IReadOnlyList<int> WayTo(int state)
    {
        List<int> way = [];
        for (var at = state; at > 0; at = _sources[way[^1]])
        {
            var best = -1;
            for (var index = _firstIncoming[at]; index < _firstIncoming[at + 1] && (best < 0 || _isMade[best]); index++)
            {
                var step = _incoming[index];
                best = _depths[_sources[step]] == _depths[at] - 1 && (best < 0 || !_isMade[step]) ? step : best;
            }

            way.Add(best);
        }

        way.Reverse();
        return way;
    }

    /// <summary>Gets a shortest way from a state that ends with a step that was not made yet, or an empty one if there is none.</summary>
    public IReadOnlyList<int> WayToNew(int state)
    {
        Dictionary<int, int> reached = new() { [state] = -1 };
        Queue<int> open = new([state]);
        while (open.TryDequeue(out var at))
        {
            if (NewFrom(at) is >= 0 and var step)
            {
                List<int> way = [step];
                for (; at != state; at = _sources[way[^1]])
                {
                    way.Add(reached[at]);
                }

                way.Reverse();
                return way;
            }

            foreach (var next in StepsFrom(at))
            {
                if (reached.TryAdd(_exploration.Targets[next], next))
                {
                    open.Enqueue(_exploration.Targets[next]);
                }
            }
        }

        return [];
    }

    // Of those that were not made yet, one of the kind that was made least.
    private int NewFrom(int state)
    {
        if (!HasNew(state))
        {
            return -1;
        }

        var (next, least) = (-1, int.MaxValue);
        foreach (var (step, (name, _)) in StepsFrom(state).Zip(_model.StepsFrom(_exploration.States[state])))
        {
            if (!_isMade[step] && _kinds.GetValueOrDefault(name) is var made && made < least)
            {
                (next, least) = (step, made);
            }
        }

        return next;
    }

    private IEnumerable<int> StepsFrom(int state) => Enumerable.Range(_exploration.Firsts[state], _exploration.Firsts[state + 1] - _exploration.Firsts[state]);
}
