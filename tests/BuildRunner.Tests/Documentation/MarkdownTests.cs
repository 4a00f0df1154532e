namespace BuildRunner.Tests.Documentation;

public sealed class MarkdownTests
{
    [Fact]
    public void A_text_without_a_fence_has_no_code()
    {
        Markdown.CodeBlocks("# Title\n\nSome `csharp` text.\n\n    indented();\n").Should().BeEmpty();
    }

    [Theory]
    [InlineData("```csharp\na();\n```")]
    [InlineData("```csharp no-run\na();\n```")]
    [InlineData("``` csharp {.line-numbers}\na();\n```")]
    [InlineData("```CSharp\na();\n```")]
    [InlineData("```cs\na();\n```")]
    [InlineData("```C#\na();\n```")]
    [InlineData("~~~csharp\na();\n~~~")]
    [InlineData("````csharp\na();\n````")]
    [InlineData("```csharp\r\na();\r\n```\r\n")]
    public void A_C_sharp_block_is_found_however_it_is_marked(string text)
    {
        Markdown.CodeBlocks(text).Should().Equal(new CodeBlock(1, "a();\n"));
    }

    [Theory]
    [InlineData("```\na();\n```")]
    [InlineData("```json\n{}\n```")]
    [InlineData("```sh\ndotnet build\n```")]
    [InlineData("````markdown\n```csharp\na();\n```\n````")]
    [InlineData("~~~text\n```csharp\na();\n```\n~~~")]
    public void Another_block_is_not(string text)
    {
        Markdown.CodeBlocks(text).Should().BeEmpty();
    }

    [Fact]
    public void Each_block_has_its_line_and_its_own_code()
    {
        const string Text = """
            # Title

            ```csharp
            a();

            b();
            ```
            Text.

            ```sh
            ls
            ```

            - In a list:
              ```csharp
              c();
              ```
            """;

        Markdown.CodeBlocks(Text).Should().Equal(new CodeBlock(3, "a();\n\nb();\n"), new CodeBlock(15, "  c();\n"));
    }

    [Fact]
    public void A_block_that_says_so_continues_the_one_before()
    {
        const string Text = "```csharp\na();\n```\n\n```sh\nls\n```\n\n```csharp\n// continued\nb();\n```\n\n```csharp\nc();\n```\n";

        Markdown.CodeBlocks(Text).Should().Equal(new CodeBlock(1, "a();\n// continued\nb();\n"), new CodeBlock(14, "c();\n"));
    }

    [Theory]
    [InlineData("```csharp\n// continued\na();\n```")]
    [InlineData("```csharp\na();\n")]
    [InlineData("```sh\nls\n")]
    public void A_block_that_continues_nothing_or_does_not_end_is_refused(string text)
    {
        Action act = () => Markdown.CodeBlocks(text);

        act.Should().Throw<FormatException>();
    }

    [Theory]
    [InlineData("See [the text](doc/a.md).", "doc/a.md")]
    [InlineData("See [the text](doc/a.md#part \"Title\").", "doc/a.md#part")]
    [InlineData("See [the `code`](<doc/a.md>).", "doc/a.md")]
    [InlineData("![Picture](a.png)", "a.png")]
    [InlineData("[![Badge](https://example.com/b.svg)](doc/a.md)", "https://example.com/b.svg", "doc/a.md")]
    [InlineData("[the text][1] and\n\n[1]: doc/a.md", "doc/a.md")]
    [InlineData("```sh\n[x](y)\n```\n[the text](doc/a.md)", "doc/a.md")]
    [InlineData("`[x](y)` and ``[`x`](y)`` and [the text](doc/a.md)", "doc/a.md")]
    [InlineData("No link (at all) [here].")]
    public void Links_are_found_outside_code(string text, params string[] targets)
    {
        Markdown.Links(text).Should().Equal(targets);
    }
}
