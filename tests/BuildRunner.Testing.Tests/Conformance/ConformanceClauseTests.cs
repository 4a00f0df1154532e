using System.Text.RegularExpressions;

namespace BuildRunner.Testing.Tests;

public sealed partial class ConformanceClauseTests
{
    [Fact]
    public async Task Every_clause_has_a_case_and_every_case_a_clause()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(GoldenFile.Root, "doc/writing-a-runner.md"));

        var clauses = ClauseRow().Matches(document).Select(match => match.Groups["clause"].Value).ToList();

        clauses.Should().HaveCountGreaterThan(20).And.OnlyHaveUniqueItems();
        Conformance.Cases.Select(conformanceCase => conformanceCase.Clause).Distinct().Should().BeEquivalentTo(clauses);
    }

    [Fact]
    public async Task What_no_case_tries_belongs_to_a_clause()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(GoldenFile.Root, "doc/writing-a-runner.md"));

        var clauses = ClauseRow().Matches(document).Select(match => match.Groups["clause"].Value);

        ConformanceDocument.NotTested.Select(part => part.Clause).Should().BeSubsetOf(clauses);
        ConformanceDocument.NotTested.Should().OnlyContain(part => part.Part != "" && part.Reason != "");
    }

    [Fact]
    public void Names_are_unique_and_are_what_a_framework_shows()
    {
        Conformance.Cases.Select(conformanceCase => conformanceCase.Name).Should().OnlyHaveUniqueItems();
        Conformance.Cases.Should().OnlyContain(conformanceCase => conformanceCase.ToString() == $"{conformanceCase.Clause}: {conformanceCase.Title}");
    }

    [Fact]
    public void What_a_runner_should_do_and_need_not_is_marked()
    {
        var should = Conformance.Cases.Where(conformanceCase => !conformanceCase.IsRequired);

        should.Select(conformanceCase => conformanceCase.Clause).Should().Equal("S4", "S4", "S5", "C4");
    }

    [GeneratedRegex(@"^\| (?<clause>[A-Z][0-9]+) \|", RegexOptions.Multiline)]
    private static partial Regex ClauseRow();
}
