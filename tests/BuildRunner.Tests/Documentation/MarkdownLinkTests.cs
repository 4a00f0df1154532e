using System.Text.RegularExpressions;
using BuildRunner.Tests.Architecture;

namespace BuildRunner.Tests.Documentation;

public sealed class MarkdownLinkTests
{
    /// <summary>The address of the repository. A packaged README links there, because a package page has no other files.</summary>
    private const string Published = "https://github.com/buildrunner/buildrunner/blob/main/";

    public static TheoryData<string> Files => [.. Repository.Files(".", ".md").Select(Repository.Name)];

    public static TheoryData<string> PackagedFiles => [.. Files.Select(row => row.Data).Where(file => Regex.IsMatch(file, "^src/[^/]+/README.md$"))];

    [Theory]
    [MemberData(nameof(PackagedFiles))]
    public void A_packaged_README_has_absolute_links_alone(string file)
    {
        var links = Markdown.Links(File.ReadAllText(Path.Combine(Repository.Root, file)));

        links.Where(link => !link.StartsWith('#') && !Uri.IsWellFormedUriString(link, UriKind.Absolute)).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_link_into_the_repository_leads_to_a_file(string file)
    {
        var path = Path.Combine(Repository.Root, file);

        Broken(path, File.ReadAllText(path)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("[x](BuildRunner.sln) [x](/src/BuildRunner/README.md#part) [x](src) [x](./LICENSE)")]
    [InlineData("[x](https://example.com/missing) [x](mailto:a@example.com) [x](#part)")]
    [InlineData("[x](src/%42uildRunner/README.md)")]
    [InlineData($"[x]({Published}src/BuildRunner/README.md#part)")]
    public void A_link_that_leads_somewhere_is_well(string text)
    {
        Broken(Path.Combine(Repository.Root, "README.md"), text).Should().BeEmpty();
    }

    [Theory]
    [InlineData("[x](missing.md)", "missing.md")]
    [InlineData("[x](/README-missing.md#part)", "/README-missing.md#part")]
    [InlineData("[x][1]\n\n[1]: doc/missing.md", "doc/missing.md")]
    [InlineData($"[x]({Published}doc/missing.md)", "/doc/missing.md")]
    public void A_link_that_leads_nowhere_is_broken(string text, string target)
    {
        Broken(Path.Combine(Repository.Root, "README.md"), text).Should().Equal(target);
    }

    private static IEnumerable<string> Broken(string path, string text) =>
        Markdown.Links(text).Select(static link => link.Replace(Published, "/", StringComparison.Ordinal)).Where(link => !link.StartsWith('#') && !Uri.IsWellFormedUriString(link, UriKind.Absolute) && !Exists(path, link));

    private static bool Exists(string path, string link)
    {
        var target = Uri.UnescapeDataString(link.Split('#')[0]);
        var full = target.StartsWith('/') ? Path.Join(Repository.Root, target) : Path.Join(Path.GetDirectoryName(path), target);
        return File.Exists(full) || Directory.Exists(full);
    }
}
