#:property PublishAot=false

using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;

// Looks into the packages of a folder: dotnet run InspectPackages.cs -- <folder>
var problems = new List<string>();
var packages = Directory.GetFiles(args[0], "*.nupkg").Order(StringComparer.Ordinal).ToList();
foreach (var path in packages)
{
    var before = problems.Count;
    Inspect(path);
    Console.WriteLine($"{Path.GetFileName(path)}: {(problems.Count == before ? "as it should be" : "not as it should be")}");
}

if (packages.Count == 0)
{
    problems.Add("There is no package.");
}

problems.ForEach(Console.Error.WriteLine);
return problems.Count == 0 ? 0 : 1;

void Inspect(string path)
{
    var file = Path.GetFileName(path);
    using var package = ZipFile.OpenRead(path);
    var nuspec = XDocument.Load(package.Entries.Single(static entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open()).Root!;
    var xmlns = nuspec.Name.Namespace;
    var metadata = nuspec.Element(xmlns + "metadata")!;
    var id = Text("id");

    string Text(string name) => metadata.Element(xmlns + name)?.Value ?? "";

    void Expect(bool holds, string what)
    {
        if (!holds)
        {
            problems.Add($"{file}: {what}");
        }
    }

    bool Has(ZipArchive archive, string entry) => archive.GetEntry(entry) is { Length: > 0 };

    Expect(Text("readme") == "README.md" && Has(package, "README.md"), "has no README.md.");
    if (package.GetEntry("README.md") is { } entry)
    {
        using StreamReader readme = new(entry.Open());

        // A package page knows no other files of the repository.
        var relative = Links(readme.ReadToEnd()).Where(static target => !Regex.IsMatch(target, "^([A-Za-z][A-Za-z0-9+.-]*:|#)")).ToList();
        Expect(relative.Count == 0, $"has relative links in README.md: {string.Join(", ", relative)}.");
    }

    Expect(Text("icon") == "icon.png" && Has(package, "icon.png"), "has no icon.png.");
    Expect(metadata.Element(xmlns + "license") is { Value: "Apache-2.0" } license && license.Attribute("type")?.Value == "expression", "has no licence expression Apache-2.0.");
    Expect(Has(package, $"lib/net10.0/{id}.dll"), "has no assembly for net10.0.");
    Expect(Has(package, $"lib/net10.0/{id}.xml"), "has no XML documentation.");
    Expect(Text("description").Length > 0 && Text("tags").Length > 0 && Text("authors").Length > 0, "has no description, tags or authors.");
    Expect(metadata.Element(xmlns + "repository")?.Attribute("commit")?.Value.Length == 40, "does not name the commit it was made of.");

    var symbols = Path.ChangeExtension(path, ".snupkg");
    Expect(File.Exists(symbols), "has no symbol package beside it.");
    if (File.Exists(symbols))
    {
        using var archive = ZipFile.OpenRead(symbols);
        Expect(Has(archive, $"lib/net10.0/{id}.pdb"), "has a symbol package without symbols.");
    }

    // They share internals, which the next minor version may change.
    var version = Text("version");
    var core = Version.Parse(version.Split('-', '+')[0]);
    var family = metadata.Descendants(xmlns + "dependency").Where(static dependency => dependency.Attribute("id")?.Value.Split('.')[0] == "BuildRunner").ToList();
    foreach (var dependency in family)
    {
        var expected = $"[{version}, {core.Major}.{core.Minor + 1}.0)";
        var actual = dependency.Attribute("version")?.Value;
        Expect(actual == expected, $"depends on {dependency.Attribute("id")?.Value} {actual}; it must depend on the same minor version, {expected}.");
    }

    if (id == "BuildRunner")
    {
        var dependencies = metadata.Descendants(xmlns + "dependency").Select(static dependency => $"{dependency.Attribute("id")?.Value} {dependency.Attribute("version")?.Value}");
        Expect(dependencies.SequenceEqual(["Microsoft.Extensions.DependencyInjection.Abstractions 10.0.0"]), $"depends on {string.Join(", ", dependencies)}; it must depend on Microsoft.Extensions.DependencyInjection.Abstractions 10.0.0 alone.");
    }
}

// Inline links and images, and the definitions that links refer to; what looks like one in code is none.
static IEnumerable<string> Links(string markdown)
{
    var prose = Regex.Replace(markdown.ReplaceLineEndings("\n"), @"^ {0,3}(?<marks>`{3,}|~{3,}).*?(^ {0,3}\k<marks>[`~]*[ \t]*$|\z)", "", RegexOptions.Multiline | RegexOptions.Singleline);
    prose = Regex.Replace(prose, @"(?<!`)(?<marks>`+)(?!`).+?(?<!`)\k<marks>(?!`)", "", RegexOptions.Singleline);
    return Regex.Matches(prose, @"(\]\(\s*|^ {0,3}\[[^\]]+\]:\s*)(<(?<target>[^>]*)>|(?<target>[^\s)<]+))", RegexOptions.Multiline).Select(static match => match.Groups["target"].Value);
}
