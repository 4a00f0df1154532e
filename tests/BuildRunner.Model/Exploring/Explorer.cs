namespace BuildRunner.Model.Exploring;

/// <summary>Explores every interleaving of a model, breadth first, so that each trace is a shortest one.</summary>
internal static class Explorer
{
    /// <summary>The violation of a state from which no sequence of fair steps comes to an end.</summary>
    public const string NeverEnds = "O9: it goes on for ever";

    /// <summary>Explores a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="until">A rule at whose first violation the exploration ends, or <see langword="null"/> to explore everything.</param>
    public static Exploration<TState> Explore<TState>(IModel<TState> model, string? until = null)
        where TState : notnull
    {
        List<TState> states = [model.Start];
        List<(int From, string Step)> origins = [(-1, "")];
        List<int[]> fair = [];
        Dictionary<TState, int> indices = new() { [model.Start] = 0 };
        Dictionary<string, IReadOnlyList<string>> violations = [];
        List<int> successors = [];
        var steps = 0;
        for (var from = 0; from < states.Count && !IsFound(until, violations); from++)
        {
            successors.Clear();
            foreach (var step in model.StepsFrom(states[from]))
            {
                steps++;
                if (!indices.TryGetValue(step.Next, out var to))
                {
                    to = states.Count;
                    indices.Add(step.Next, to);
                    states.Add(step.Next);
                    origins.Add((from, step.Name));
                }

                if (!step.IsFault)
                {
                    successors.Add(to);
                }

                if (step.Violation is { } violation && !violations.ContainsKey(violation))
                {
                    violations.Add(violation, [.. TraceTo(from, origins), step.Name]);
                }
            }

            fair.Add([.. successors]);
            foreach (var violation in model.Judge(states[from], isEnd: successors.Count == 0))
            {
                violations.TryAdd(violation, TraceTo(from, origins));
            }
        }

        // The first is reached in the fewest steps.
        if (fair.Count == states.Count && Array.IndexOf(CanEnd(fair), false) is >= 0 and var stuck)
        {
            violations.TryAdd(NeverEnds, TraceTo(stuck, origins));
        }

        return new(states, steps, origins, violations);
    }

    /// <summary>Gets the steps of a shortest way to a state.</summary>
    public static IReadOnlyList<string> TraceTo(int state, IReadOnlyList<(int From, string Step)> origins)
    {
        List<string> trace = [];
        for (; origins[state].From >= 0; state = origins[state].From)
        {
            trace.Add(origins[state].Step);
        }

        trace.Reverse();
        return trace;
    }

    private static bool IsFound(string? rule, Dictionary<string, IReadOnlyList<string>> violations) =>
        rule is not null && violations.Keys.Any(violation => violation.StartsWith(rule, StringComparison.Ordinal));

    /// <summary>Finds, backwards from the states without a fair step, all from which one of them can be reached.</summary>
    private static bool[] CanEnd(List<int[]> fair)
    {
        var origins = Enumerable.Range(0, fair.Count).SelectMany(from => fair[from].Select(to => (from, to))).ToLookup(static edge => edge.to, static edge => edge.from);
        var canEnd = new bool[fair.Count];
        Stack<int> open = new(Enumerable.Range(0, fair.Count).Where(state => fair[state].Length == 0));
        while (open.TryPop(out var state))
        {
            if (!canEnd[state])
            {
                canEnd[state] = true;
                foreach (var origin in origins[state])
                {
                    open.Push(origin);
                }
            }
        }

        return canEnd;
    }
}
