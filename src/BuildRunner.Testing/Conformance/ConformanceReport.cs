using System.Text;

namespace BuildRunner.Testing;

/// <summary>Represents the results of a runner in all cases.</summary>
public sealed class ConformanceReport
{
    internal ConformanceReport(IReadOnlyList<ConformanceResult> results) => Results = results;

    /// <summary>Gets the results, in the order of <see cref="Conformance.Cases"/>.</summary>
    public IReadOnlyList<ConformanceResult> Results { get; }

    /// <summary>Gets a value indicating whether the runner conforms: at least one MUST has passed and none has failed. It says nothing
    /// about <see cref="UnprovenClauses"/>.</summary>
    public bool Conforms =>
        Musts.Any(static result => result.Outcome == ConformanceOutcome.Passed)
        && !Musts.Any(static result => result.Outcome == ConformanceOutcome.Failed);

    /// <summary>Gets the clauses for which every MUST was skipped, in order: the runner does not declare the capability, or the harness
    /// cannot show it.</summary>
    public IReadOnlyList<string> UnprovenClauses =>
        [
            .. Musts
                .GroupBy(static result => result.Case.Clause)
                .Where(static clause => clause.All(static result => result.Outcome == ConformanceOutcome.Skipped))
                .Select(static clause => clause.Key),
        ];

    private IEnumerable<ConformanceResult> Musts => Results.Where(static result => result.Case.IsRequired);

    /// <summary>Formats the report as a Markdown table for the README of a runner.</summary>
    /// <returns>The table, with one line per case. Each line ends with a line feed.</returns>
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

    /// <summary>Formats the report as plain text in columns.</summary>
    /// <returns>One line per case and a line with the counts. Each line ends with a line feed.</returns>
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
