namespace BuildRunner.Model.Exploring;

/// <summary>Represents what an exploration has found.</summary>
/// <param name="States">All states that were reached.</param>
/// <param name="Firsts">For each state that was looked at, the number of its first step; at the end, how many steps there are. The steps of a state have numbers in a row.</param>
/// <param name="Targets">For each step, the state that it leads to.</param>
/// <param name="Origins">For each state, from which and by which step it was reached first.</param>
/// <param name="Kinds">For each name of a step, the first step that is called so.</param>
/// <param name="Violations">For each violation, the steps of a shortest way to it.</param>
internal sealed record Exploration<TState>(List<TState> States, List<int> Firsts, List<int> Targets, List<(int From, string Step)> Origins, IReadOnlyDictionary<string, int> Kinds, IReadOnlyDictionary<string, IReadOnlyList<string>> Violations)
{
    /// <summary>Gets the number of steps between the states.</summary>
    public int Steps => Targets.Count;

    /// <summary>Gets a text of all violations with their traces.</summary>
    public string Describe() =>
        string.Join('\n', Violations.Select(static violation => $"{violation.Key}\n    {string.Join("\n    ", violation.Value)}"));
}
