using BuildRunner.Model.Exploring;

namespace BuildRunner.Model;

/// <summary>Represents a model with what may go wrong in it, for the table of all.</summary>
/// <param name="Name">The name.</param>
/// <param name="Explore">Explores it, until the first violation of a rule or, for <see langword="null"/>, completely.</param>
internal sealed record Scenario(string Name, Func<string?, Findings> Explore)
{
    public static Scenario Of<TState>(string name, IModel<TState> model)
        where TState : notnull => new(name, until =>
        {
            var found = Explorer.Explore(model, until);
            return new(found.States.Count, found.Steps, [.. found.Violations.Keys], found.Describe());
        });

    public override string ToString() => Name;
}

/// <summary>Represents what was found in a scenario.</summary>
internal sealed record Findings(int States, int Steps, IReadOnlyList<string> Violations, string Text);
