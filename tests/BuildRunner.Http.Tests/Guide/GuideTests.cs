namespace BuildRunner.Http.Tests.Guide;

/// <summary>The tested runner is the one in the guide.</summary>
public sealed class GuideTests
{
    private const int MaxLines = 150;

    [Theory]
    [InlineData("AcornRunner.cs")]
    [InlineData("AcornHarness.cs")]
    public void The_guide_shows_the_file_as_it_is(string file)
    {
        var page = Read("doc", "writing-a-runner.md");

        page.Should().Contain(Read("tests", "BuildRunner.Http.Tests", "Guide", file) + "```");
    }

    [Fact]
    public void The_runner_of_the_guide_is_short()
    {
        Read("tests", "BuildRunner.Http.Tests", "Guide", "AcornRunner.cs").Split('\n').Length.Should().BeLessThanOrEqualTo(MaxLines);
    }

    private static string Read(params string[] path)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "BuildRunner.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The tests do not run in the repository.");
        }

        return File.ReadAllText(Path.Combine([root, .. path]));
    }
}
