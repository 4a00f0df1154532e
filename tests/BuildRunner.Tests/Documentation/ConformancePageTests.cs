using System.Text.RegularExpressions;
using BuildRunner.Testing;
using BuildRunner.Tests.Architecture;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BuildRunner.Tests.Documentation;

/// <summary>
/// No runner and no case can be missing from doc/conformance.md. That its cells are true is for the tests of each runner, which the page
/// names.
/// </summary>
public sealed partial class ConformancePageTests
{
    private const string Report = "\n## Conformance\n";

    private static readonly ConformanceMatrix Matrix = ConformanceMatrix.Read();

    private static readonly string Page = File.ReadAllText(ConformanceMatrix.File).ReplaceLineEndings("\n");

    private static readonly IReadOnlyList<Runner> Runners =
        [.. RunnerRow().Matches(Page).Select(static row => new Runner(
            row.Groups["column"].Value, row.Groups["type"].Value, row.Groups["readme"].Value, row.Groups["tried"].Value, row.Groups["quick"].Value, row.Groups["slow"].Value))];

    public static TheoryData<string> Columns => [.. Matrix.Columns];

    public static TheoryData<string, string> Reports =>
        [.. Runners.Where(static runner => Read(runner.Readme).Contains(Report, StringComparison.Ordinal)).Select(static runner => (runner.Column, runner.Readme))];

    [Fact]
    public void Each_case_has_its_row()
    {
        if (Environment.GetEnvironmentVariable("UPDATE_CONFORMANCE") == "1")
        {
            Matrix.Write();
        }

        Matrix.ToString().Should().Be(File.ReadAllText(ConformanceMatrix.File).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Each_runner_has_its_column()
    {
        var runners = from file in Repository.Files("src", ".cs")
                      from type in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>()
                      where type.Identifier.Text.EndsWith(nameof(BuildRunner), StringComparison.Ordinal) && type.Identifier.Text != nameof(DelegatingBuildRunner)
                      select type.Identifier.Text;

        Runners.Select(static runner => runner.Type).Should().BeEquivalentTo(runners);
        Runners.Select(static runner => runner.Column).Should().Equal(Matrix.Columns);
    }

    [Theory]
    [MemberData(nameof(Columns))]
    public void Each_column_has_tests_that_compare_it(string column)
    {
        var runner = Runners.Single(runner => runner.Column == column);

        Comparing(column).Should().NotBeEmpty().And.BeEquivalentTo(
            [.. Names(runner.Quick).Select(static name => (name, false)), .. Names(runner.Slow).Select(static name => (name, true))]);
    }

    [Fact]
    public void Each_cell_has_a_mark_that_the_page_explains()
    {
        var marks = Marks().Matches(Page).Select(static match => match.Groups["mark"].Value);

        var cells = from conformanceCase in Conformance.Cases from column in Matrix.Columns select Matrix[conformanceCase.Name, column];

        cells.Distinct().Should().BeEquivalentTo(marks);
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public void The_README_of_a_package_reports_its_column(string column, string readme)
    {
        var skipped = Conformance.Cases.Select(static each => each.Name).Where(name => !Matrix[name, column].StartsWith(ConformancePage.Passed, StringComparison.Ordinal)).ToList();

        var section = Read(readme).Split(Report)[1].Split("\n## ")[0];

        section.Should().Contain($"Of its {Conformance.Cases.Count} cases, {Conformance.Cases.Count - skipped.Count} pass and {skipped.Count} are skipped.");
        section.Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(static line => line.Split('|')[1].Trim()).Should().Equal(skipped);
    }

    [Fact]
    public void The_README_says_of_each_runner_that_builds_what_it_was_tried_on()
    {
        var readme = Read("../README.md");

        Runners.Where(static runner => runner.Type is not (nameof(NoopBuildRunner) or nameof(FakeBuildRunner))).Should()
            .AllSatisfy(runner => readme.Should().Contain($"| {runner.TriedOn} |"));
    }

    private static string Read(string linked) => File.ReadAllText(Path.Combine(Repository.Root, "doc", linked)).ReplaceLineEndings("\n");

    private static IEnumerable<string> Names(string cell) => cell.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static name => name.Trim(' ', '`')).Where(static name => name.Length > 0);

    private static IEnumerable<(string Name, bool IsSlow)> Comparing(string column) =>
        from file in Repository.Files("tests", ".cs")
        let text = File.ReadAllText(file)
        where text.Contains($"ConformancePage.Verify(\"{column}\"", StringComparison.Ordinal)
        select (Path.GetFileNameWithoutExtension(file), text.Contains("\n[Slow]\n", StringComparison.Ordinal));

    [GeneratedRegex(@"^\| (?<column>[\w ]+) \| \[`(?<type>\w+)`\]\((?<readme>[^)]+)\) \| (?<tried>[^|]+) \| (?<quick>[^|]*)\| (?<slow>[^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex RunnerRow();

    [GeneratedRegex(@"^\| (?<mark>\S+) \| (?:Passed|Skipped)", RegexOptions.Multiline)]
    private static partial Regex Marks();

    private sealed record Runner(string Column, string Type, string Readme, string TriedOn, string Quick, string Slow);
}
