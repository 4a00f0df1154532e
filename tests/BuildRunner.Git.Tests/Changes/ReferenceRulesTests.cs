using CliWrap;
using CliWrap.Buffered;
using CsCheck;

namespace BuildRunner.Git.Tests.Changes;

/// <summary>The rules for references, held against git itself.</summary>
public sealed class ReferenceRulesTests
{
    private const string CommitId = "0123456789abcdef0123456789abcdef01234567";

    // One shell for all, because a process for each would take most of the test's time.
    private const string CheckAll = """for reference; do git check-ref-format "$reference" && echo y || echo n; done""";

    private static readonly string[] Parts = ["a", "/", ".", "..", ".lock", "@", "{", "@{", "-", "~", "^", ":", "?", "*", "[", "\\", " ", "\u007F", "é"];

    private static readonly string[] Table =
    [
        "refs/heads/main", "refs/heads/a/b/c", "refs/heads/@", "refs/heads/a@b", "refs/heads/-a", "refs/x", "refs/heads/ü", "refs/heads/日本",
        "refs/heads/{a}", "refs/heads/a.b", "refs/heads/a.lockb", "refs/heads/'a'", "refs/heads/\"a\"", "refs/heads/$(a)", "refs/heads/a%20b",
        "refs/heads/a\u0080b", "refs/heads/a\u00A0b", "refs/heads/\u2028", "refs/heads/a+b", "refs/heads/HEAD", "refs/heads/a#b", "refs/heads/a;b",
        "refs/", "refs//a", "refs/heads/", "refs/heads//a", "refs/heads/.a", "refs/heads/a.", "refs/heads/a./b", "refs/heads/a..b", "refs/heads/a.lock",
        "refs/heads/a.lock/b", "refs/heads/a~1", "refs/heads/a^", "refs/heads/a:b", "refs/heads/a?", "refs/heads/a*", "refs/heads/a[b", "refs/heads/a]b",
        "refs/heads/a\\b", "refs/heads/a b", "refs/heads/a\tb", "refs/heads/a\nb", "refs/heads/a\u007Fb", "refs/heads/a@{0}", "refs/heads/@{", "refs/heads/.",
        "refs/heads/..", "refs/heads/.lock", "refs/heads/a/.lock", "refs/heads/a.LOCK", "refs/.", "refs/a.lock.lock", "refs/heads/a.lock.",
    ];

    [TimedFact]
    public async Task Every_reference_of_the_table_is_judged_as_by_git()
    {
        var expected = await AcceptedByGitAsync(Table);

        Table.Where(IsAccepted).Should().Equal(expected);
    }

    [TimedFact]
    public async Task Generated_references_are_judged_as_by_git()
    {
        var part = Gen.OneOf(Gen.Int[0, Parts.Length - 1].Select(static number => Parts[number]), Gen.Char['\u0001', '\u0100'].Select(static value => value.ToString()));
        var references = part.Array[1, 4].Select(static parts => "refs/h" + string.Concat(parts)).Array[100];

        await references.SampleAsync(
            async sample => (await AcceptedByGitAsync(sample)).SequenceEqual(sample.Where(IsAccepted)),
            iter: 3,
            threads: 1);
    }

    private static bool IsAccepted(string reference)
    {
        try
        {
            GitChange.Create("localhost", "repository", reference, CommitId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static async Task<string[]> AcceptedByGitAsync(string[] references)
    {
        var result = await Cli.Wrap("sh").WithArguments(["-c", CheckAll, "sh", .. references]).WithEnvironmentVariables(TestRepository.CleanEnvironment()).ExecuteBufferedAsync();
        return [.. references.Zip(result.StandardOutput.Split('\n')).Where(static pair => pair.Second == "y").Select(static pair => pair.First)];
    }
}
