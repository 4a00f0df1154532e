using BuildRunner.Model.Exploring;

namespace BuildRunner.Model;

/// <summary>Represents a model together with what may go wrong in it.</summary>
/// <param name="Name">The name.</param>
/// <param name="States">How many states it has. Another number means that the rules or the steps have changed, or that a part of them is not reached any more.</param>
/// <param name="Explore">Explores it, until the first violation of a rule or, for <see langword="null"/>, completely.</param>
internal sealed record Scenario(string Name, int States, Func<string?, Findings> Explore)
{
    public static Scenario Of<TState>(string name, int states, IModel<TState> model)
        where TState : notnull => new(name, states, until =>
        {
            var found = Explorer.Explore(model, until);
            return new(found.States.Count, found.Steps, [.. found.Violations.Keys], found.Describe());
        });

    public override string ToString() => Name;
}
