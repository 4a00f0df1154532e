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
    /// Gets a value indicating whether the runner conforms: a MUST has passed, and none has failed. What <see cref="UnprovenClauses"/> names is not known.
    /// </summary>
    public bool Conforms => Musts.Any(static result => result.Outcome == ConformanceOutcome.Passed) && !Musts.Any(static result => result.Outcome == ConformanceOutcome.Failed);

    /// <summary>
    /// Gets the clauses of which every MUST was skipped, in order: the runner does not declare what they are about, or the harness cannot show it.
    /// </summary>
    public IReadOnlyList<string> UnprovenClauses =>
        [.. Musts.GroupBy(static result => result.Case.Clause).Where(static clause => clause.All(static result => result.Outcome == ConformanceOutcome.Skipped)).Select(static clause => clause.Key)];

    private IEnumerable<ConformanceResult> Musts => Results.Where(static result => result.Case.IsRequired);

    /// <summary>
    /// Gets the report as a table in Markdown, for the README of a backend.
    /// </summary>
    /// <returns>The table, a line for each case, each ended by a line feed.</returns>
    public string ToMarkdown()
    {
        var table = new StringBuilder("| clause | case | level | outcome |\n|---|---|---|---|\n");
        foreach (var result in Results)
        {
            table.Append("| ").Append(result.Case.Clause)
                .Append(" | ").Append(result.Case.Title)
                .Append(" | ").Append(LevelOf(result.Case))
                .Append(" | ").Append(TextOf(result).Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" "))
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
        foreach (var result in Results)
        {
            text.Append(result.Case.Clause.PadRight(4))
                .Append(LevelOf(result.Case).PadRight(8))
                .Append(result.Case.Title.PadRight(titleWidth + 2))
                .Append(TextOf(result).ReplaceLineEndings(" "))
                .Append('\n');
        }

        return text.Append(Counts()).Append('\n').ToString();
    }

    private static string LevelOf(ConformanceCase conformanceCase) => conformanceCase.IsRequired ? "MUST" : "SHOULD";

    private static string TextOf(ConformanceResult result) => result.Outcome switch
    {
        ConformanceOutcome.Passed => result.Reason.Length == 0 ? "passed" : $"passed: {result.Reason}",
        ConformanceOutcome.Failed => $"FAILED: {result.Reason}",
        _ => $"skipped: {result.Reason}",
    };

    private string Counts() => string.Join(", ", Enum.GetValues<ConformanceOutcome>()
        .Select(outcome => $"{Results.Count(result => result.Outcome == outcome)} {outcome.ToString().ToLowerInvariant()}"));
}
