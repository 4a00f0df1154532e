using BuildRunner.Testing;
using FluentAssertions;
using Xunit;

namespace BuildRunner.Tests;

/// <summary>
/// Compares doc/conformance.md with what the tests of a runner have seen. With UPDATE_CONFORMANCE=1 they write its column instead.
/// </summary>
internal static class ConformancePage
{
    public const string Passed = "✓";

    /// <summary>The mark of a case that a part of the runner's tests cannot try.</summary>
    public const string PassedInPart = "✓*";

    // The page explains the marks.
    private static readonly (string Reason, string Mark)[] Marks =
    [
        ("The runner does not declare ", "–"),
        ("The runner declares none of ", "–"),
        ("The runner does not implement ", "a"),
        ("The runner does not set ", "b"),
        ("The harness cannot inject ", "c"),
        ("The harness cannot make any call ", "c"),
        ("The harness cannot count creates.", "d"),
        ("The harness creates no request ", "e"),
        ("The harness cannot tell which changes were applied.", "f"),
        ("The harness cannot put a build into a state ", "g"),
        ("The harness has not captured logs.", "h"),
        ("The harness names no activity sources.", "i"),
        ("The harness names no credentials.", "j"),
    ];

    private static readonly Lock Gate = new();

    private static readonly bool Updates = Environment.GetEnvironmentVariable("UPDATE_CONFORMANCE") == "1";

    /// <summary>Fails if the case has failed, or if the page says something else of it.</summary>
    /// <param name="column">The runner's column.</param>
    /// <param name="result">What was seen.</param>
    /// <param name="triedElsewhere">The cases that only other tests of this runner can try.</param>
    public static void Verify(string column, ConformanceResult result, params IReadOnlyList<string> triedElsewhere)
    {
        result.Outcome.Should().NotBe(ConformanceOutcome.Failed, "{0}: {1}", result.Case, result.Reason);
        lock (Gate)
        {
            var matrix = ConformanceMatrix.Read();
            matrix.Columns.Should().Contain(column);
            var cell = matrix[result.Case.Name, column];
            var seen = Seen(result, cell, triedElsewhere.Contains(result.Case.Name));
            if (Updates && seen != cell)
            {
                matrix[result.Case.Name, column] = seen;
                matrix.Write();
                return;
            }

            cell.Should().Be(seen, "{0} was seen in '{1}': {2} {3}", column, result.Case, result.Outcome, result.Reason);
        }
    }

    /// <summary>Adds a warning to the test if the page does not name the version that the runner is tried on.</summary>
    public static void WarnUnlessNamed(string column, string version)
    {
        var row = File.ReadLines(ConformanceMatrix.File).First(line => line.StartsWith($"| {column} |", StringComparison.Ordinal));
        if (!row.Contains(version, StringComparison.Ordinal))
        {
            TestContext.Current.AddWarning($"doc/conformance.md does not name {version}, which {column} was tried on.");
        }
    }

    // A cell that these tests cannot judge stays as the others have left it.
    private static string Seen(ConformanceResult result, string cell, bool isTriedElsewhere) => (result.Outcome, isTriedElsewhere) switch
    {
        (ConformanceOutcome.Passed, _) => cell == PassedInPart ? cell : Passed,
        (_, true) => cell is Passed or ConformanceMatrix.NotSeen ? PassedInPart : cell,
        _ => Marks.Single(mark => result.Reason.StartsWith(mark.Reason, StringComparison.Ordinal)).Mark,
    };
}
