using System.Text.RegularExpressions;

namespace BuildRunner.Tests.Documentation;

/// <summary>Reads the C# blocks and the links out of a text in Markdown.</summary>
internal static partial class Markdown
{
    /// <summary>The comment that begins a block which is a file of its own beside the one before.</summary>
    public const string AnotherFile = "// Another file";

    private const string Continued = "// continued";

    private static readonly string[] CSharp = ["csharp", "cs", "c#"];

    /// <summary>Gets the C# blocks. One that begins with the comment "// continued" or "// Another file" belongs to the C# block before it.</summary>
    public static IReadOnlyList<CodeBlock> CodeBlocks(string text)
    {
        List<CodeBlock> blocks = [];
        foreach (var fence in Fences(text).Where(fence => CSharp.Contains(fence.Language, StringComparer.OrdinalIgnoreCase)))
        {
            if (!new[] { Continued, AnotherFile }.Any(mark => fence.Code.TrimStart().StartsWith(mark, StringComparison.Ordinal)))
            {
                blocks.Add(new CodeBlock(fence.Line, fence.Code));
            }
            else if (blocks.Count > 0)
            {
                blocks[^1] = blocks[^1] with { Code = blocks[^1].Code + fence.Code };
            }
            else
            {
                throw new FormatException($"The block of line {fence.Line} continues one that is not there.");
            }
        }

        return blocks;
    }

    /// <summary>Gets where the links lead to, without those in code.</summary>
    public static IReadOnlyList<string> Links(string text)
    {
        var fences = Fences(text);
        var prose = text.ReplaceLineEndings("\n").Split('\n').Where((_, index) => !fences.Any(fence => fence.Contains(index + 1)));
        var withoutCode = InlineCode().Replace(string.Join('\n', prose), "");
        return [.. InlineLink().Matches(withoutCode).Concat(LinkDefinition().Matches(withoutCode)).Select(match => match.Groups["target"].Value)];
    }

    private static List<Fence> Fences(string text)
    {
        List<Fence> fences = [];
        Fence? open = null;
        var line = 0;
        foreach (var content in text.ReplaceLineEndings("\n").Split('\n'))
        {
            line++;
            if (open is not null && open.IsClosedBy(content))
            {
                fences.Add(open with { LastLine = line });
                open = null;
            }
            else if (open is not null)
            {
                open = open with { Code = open.Code + content + "\n" };
            }
            else if (FenceStart().Match(content) is { Success: true } start)
            {
                open = new Fence(start.Groups["marks"].Value, start.Groups["language"].Value, line, line, "");
            }
        }

        return open is null ? fences : throw new FormatException($"The block of line {open.Line} is not closed.");
    }

    [GeneratedRegex(@"^[ \t]*(?:>[ \t]*)?(?<marks>`{3,}|~{3,})[ \t]*(?<language>[^\s`{]*)[^`]*$")]
    private static partial Regex FenceStart();

    [GeneratedRegex(@"(?<marks>`+)(?!`).+?(?<!`)\k<marks>(?!`)", RegexOptions.Singleline)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\(\s*<?(?<target>[^\s)>]+)")]
    private static partial Regex InlineLink();

    [GeneratedRegex(@"^ {0,3}\[[^\]]+\]:\s*<?(?<target>[^\s>]+)", RegexOptions.Multiline)]
    private static partial Regex LinkDefinition();

    private sealed record Fence(string Marks, string Language, int Line, int LastLine, string Code)
    {
        public bool Contains(int line) => line >= Line && line <= LastLine;

        public bool IsClosedBy(string content)
        {
            var marks = content.Trim();
            return marks.Length >= Marks.Length && marks.All(mark => mark == Marks[0]);
        }
    }
}
