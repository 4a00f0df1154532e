namespace BuildRunner.Model.Exploring;

/// <summary>Represents what an exploration has found.</summary>
/// <param name="States">All states that were reached.</param>
/// <param name="Steps">The number of steps between them.</param>
/// <param name="Origins">For each state, from which and by which step it was reached first.</param>
/// <param name="Violations">For each violation, the steps of a shortest way to it.</param>
internal sealed record Exploration<TState>(IReadOnlyList<TState> States, int Steps, IReadOnlyList<(int From, string Step)> Origins, IReadOnlyDictionary<string, IReadOnlyList<string>> Violations)
{
    /// <summary>Gets the steps of a shortest way to a state.</summary>
    public IReadOnlyList<string> TraceTo(int state) => Explorer.TraceTo(state, Origins);

    /// <summary>Gets a text of all violations with their traces.</summary>
    public string Describe() =>
        string.Join('\n', Violations.Select(static violation => $"{violation.Key}\n    {string.Join("\n    ", violation.Value)}"));
}
