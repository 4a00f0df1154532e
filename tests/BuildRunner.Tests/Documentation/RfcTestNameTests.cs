using System.Text.RegularExpressions;
using BuildRunner.Tests.Architecture;

namespace BuildRunner.Tests.Documentation;

/// <summary>A test that an RFC names for an invariant is there.</summary>
public sealed partial class RfcTestNameTests
{
    [Theory]
    [InlineData("Buildkite", 13)]
    [InlineData("Jenkins", 16)]
    [InlineData("GitLab", 16)]
    public void Each_problem_of_a_runner_has_its_number_and_tests_that_exist(string runner, int problems)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "doc", "rfc", "runners.md"));
        var section = page.Split("\n## ").Single(text => text.StartsWith($"{runner}\n", StringComparison.Ordinal));
        var rows = section.Split('\n').Select(static line => Row().Match(line)).Where(static match => match.Success).ToList();

        rows.Select(static row => row.Groups["number"].Value).Should()
            .Equal(Enumerable.Range(1, problems).Select(static number => $"{number}"));
        rows.Select(static row => row.Groups["test"].Value).Should().NotContain(static test => test.Trim().Length < 4);
        Missing($"tests/BuildRunner.{runner}.Tests", rows.SelectMany(static row => Names(row.Groups["test"].Value))).Should().BeEmpty();
    }

    [Fact]
    public void Each_rule_of_the_runners_over_HTTP_has_tests_that_exist()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "doc", "rfc", "http-runners.md"));
        var rows = page.Split('\n').Where(static line => line.StartsWith("| H", StringComparison.Ordinal)).ToList();

        rows.Should().HaveCount(13);
        Missing("tests/BuildRunner.Http.Tests", rows.SelectMany(static row => Names(row.Split('|')[3]))).Should().BeEmpty();
    }

    [Fact]
    public void A_name_that_is_not_there_would_be_found() =>
        Missing("tests/BuildRunner.Http.Tests", ["FailureTests", "FailureTests.No_such_test", "NoSuchTests"]).Should()
            .Equal("FailureTests.No_such_test", "NoSuchTests");

    private static IEnumerable<string> Names(string cell) => Code().Matches(cell).Select(static match => match.Groups[1].Value);

    // A class, a method, or both.
    private static List<string> Missing(string project, IEnumerable<string> names)
    {
        var code = string.Concat(Repository.Files(project, ".cs").Select(File.ReadAllText));
        return [.. names.Where(name => !name.Split('.').All(part => Regex.IsMatch(code, $@"(class|Task|void) {part}\b")))];
    }

    [GeneratedRegex(@"^\| (?<number>\d+) \|.*\|(?<test>[^|]*)\|$", RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z0-9_.]+)`")]
    private static partial Regex Code();
}
