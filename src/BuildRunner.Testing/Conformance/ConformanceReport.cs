using System.Text;

namespace BuildRunner.Testing;

/// <summary>
/// Represents how a runner did in all cases.
/// </summary>
public sealed class ConformanceReport
{
    internal ConformanceReport(IReadOnlyList<ConformanceResult> results) => Results = results;

    /// <summary>
    /// Gets how each case went, in the order of <see cref="Conformance.Cases"/>.
    /// </summary>
    public IReadOnlyList<ConformanceResult> Results { get; }

    /// <summary>
    /// Gets a value indicating whether the runner conforms: no MUST has failed.
    /// </summary>
    /// <remarks>A run that proves nothing does not conform: the cases that need neither a capability nor a hook, such as those of a null request and of a default id, are never skipped, so that they have failed.</remarks>
    public bool Conforms => !Results.Any(static result => result is { Outcome: ConformanceOutcome.Failed, Case.Level: ConformanceLevel.Must });

    /// <summary>
    /// Gets the report as a table in Markdown, for the README of a backend.
    /// </summary>
    /// <returns>The table, a line for each case, each ended by a line feed.</returns>
    public string ToMarkdown()
    {
        var table = new StringBuilder("| clause | case | level | outcome |\n|---|---|---|---|\n");
        foreach (var (conformanceCase, outcome, reason) in Results)
        {
            table.Append("| ").Append(conformanceCase.Clause)
                .Append(" | ").Append(conformanceCase.Title)
                .Append(" | ").Append(LevelOf(conformanceCase))
                .Append(" | ").Append(TextOf(outcome, reason).Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" "))
                .Append(" |\n");
        }

        return table.ToString();
    }

    /// <summary>
    /// Gets the report as plain text, in columns.
    /// </summary>
    /// <returns>A line for each case and one that counts, each ended by a line feed.</returns>
    public override string ToString()
    {
        var titleWidth = Results.Max(static result => (int?)result.Case.Title.Length) ?? 0;
        var text = new StringBuilder();
        foreach (var (conformanceCase, outcome, reason) in Results)
        {
            text.Append(conformanceCase.Clause.PadRight(4))
                .Append(LevelOf(conformanceCase).PadRight(8))
                .Append(conformanceCase.Title.PadRight(titleWidth + 2))
                .Append(TextOf(outcome, reason).ReplaceLineEndings(" "))
                .Append('\n');
        }

        return text.Append(Counts()).Append('\n').ToString();
    }

    private static string LevelOf(ConformanceCase conformanceCase) => conformanceCase.Level == ConformanceLevel.Must ? "MUST" : "SHOULD";

    private static string TextOf(ConformanceOutcome outcome, string reason) => outcome switch
    {
        ConformanceOutcome.Passed => "passed",
        ConformanceOutcome.Failed => $"FAILED: {reason}",
        _ => $"skipped: {reason}",
    };

    private string Counts() => string.Join(", ", Enum.GetValues<ConformanceOutcome>()
        .Select(outcome => $"{Results.Count(result => result.Outcome == outcome)} {outcome.ToString().ToLowerInvariant()}"));
}
