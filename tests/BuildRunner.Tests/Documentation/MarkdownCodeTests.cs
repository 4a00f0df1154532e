using BuildRunner.Tests.Architecture;

namespace BuildRunner.Tests.Documentation;

/// <summary>All C# that a reader can copy compiles and runs.</summary>
public sealed class MarkdownCodeTests
{
    private static readonly IReadOnlyList<string> Files =
    [
        .. new[] { Path.Combine(Repository.Root, "README.md") }.Where(File.Exists),
        .. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(package => Path.Combine(package, "README.md")).Where(File.Exists),
        .. Repository.Files("doc", ".md"),
    ];

    public static TheoryData<string, int> Blocks
    {
        get
        {
            TheoryData<string, int> rows = [];
            foreach (var file in Files)
            {
                foreach (var block in Read(file))
                {
                    rows.Add(Repository.Name(file), block.Line);
                }
            }

            return rows;
        }
    }

    [Fact]
    public void The_README_shows_code()
    {
        Files.Where(file => Repository.Name(file) == "README.md").SelectMany(Read).Should().NotBeEmpty();
    }

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Blocks))]
    public async Task The_code_compiles_and_runs(string file, int line)
    {
        var block = Read(Path.Combine(Repository.Root, file)).Single(block => block.Line == line);

        Func<Task> act = () => CodeBlockRunner.RunAsync(block.Code).WaitAsync(TestContext.Current.CancellationToken);

        await act.Should().NotThrowAsync();
    }

    private static IReadOnlyList<CodeBlock> Read(string file) => Markdown.CodeBlocks(File.ReadAllText(file));
}
