namespace BuildRunner.Model;

/// <summary>Represents what was found in a scenario.</summary>
/// <param name="States">How many states were reached.</param>
/// <param name="Steps">How many steps there are between them.</param>
/// <param name="Violations">What is wrong.</param>
/// <param name="Text">That, with the shortest way to each.</param>
internal sealed record Findings(int States, int Steps, IReadOnlyList<string> Violations, string Text);
