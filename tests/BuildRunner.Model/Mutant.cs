namespace BuildRunner.Model;

/// <summary>Represents a model with a deliberate mistake, and the rule that it breaks.</summary>
internal sealed record Mutant(string Rule, string Mistake, Scenario Scenario)
{
    public override string ToString() => $"{Rule} {Mistake}";
}
