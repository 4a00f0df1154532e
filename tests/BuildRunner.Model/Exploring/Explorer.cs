using System.Runtime.InteropServices;

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
        Dictionary<TState, int> indices = new() { [model.Start] = 0 };
        Dictionary<string, int> kinds = [];
        Dictionary<string, IReadOnlyList<string>> violations = [];

        // The steps from a state are those from its first one to that of the next state.
        List<int> firsts = [];
        List<int> targets = [];
        List<bool> isFair = [];
        for (var from = 0; from < states.Count && !IsFound(until, violations); from++)
        {
            firsts.Add(targets.Count);
            var state = states[from];
            var isEnd = true;
            foreach (var step in model.StepsFrom(state))
            {
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(indices, step.Next, out var isKnown);
                if (!isKnown)
                {
                    known = states.Count;
                    states.Add(step.Next);
                    origins.Add((from, step.Name));
                }

                kinds.TryAdd(step.Name, targets.Count);
                targets.Add(known);
                isFair.Add(!step.IsFault);
                isEnd &= step.IsFault;
                if (step.Violation is { } violation && !violations.ContainsKey(violation))
                {
                    violations.Add(violation, [.. TraceTo(from, origins), step.Name]);
                }
            }

            foreach (var violation in model.Judge(state, isEnd))
            {
                violations.TryAdd(violation, TraceTo(from, origins));
            }
        }

        // The first is reached in the fewest steps.
        var isWhole = firsts.Count == states.Count;
        firsts.Add(targets.Count);
        if (isWhole && Array.IndexOf(CanEnd(firsts, targets, isFair), false) is >= 0 and var stuck)
        {
            violations.TryAdd(NeverEnds, TraceTo(stuck, origins));
        }

        return new(states, firsts, targets, origins, kinds, violations);
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

    /// <summary>Finds all states from which one without a fair step can be reached by fair ones. Most steps lead to a later state, so a few passes from the last state to the first find all.</summary>
    private static bool[] CanEnd(List<int> firsts, List<int> targets, List<bool> isFair)
    {
        var canEnd = new bool[firsts.Count - 1];
        for (var isChanged = true; isChanged;)
        {
            isChanged = false;
            for (var state = canEnd.Length - 1; state >= 0; state--)
            {
                if (!canEnd[state] && CanEnd(state))
                {
                    canEnd[state] = isChanged = true;
                }
            }
        }

        return canEnd;

        bool CanEnd(int state)
        {
            var isEnd = true;
            for (var step = firsts[state]; step < firsts[state + 1]; step++)
            {
                if (isFair[step] && canEnd[targets[step]])
                {
                    return true;
                }

                isEnd &= !isFair[step];
            }

            return isEnd;
        }
    }
}
