using System.Runtime.InteropServices;
using System.Xml.Linq;
using FluentAssertions.Execution;

namespace BuildRunner.Tests.Architecture;

public sealed class DependencyRuleTests
{
    /// <summary>The dependencies that each package may have. A new package needs a line here, and a line is a decision.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["BuildRunner"] = ["Microsoft.Extensions.DependencyInjection.Abstractions"],
        ["BuildRunner.AspNetCore"] = ["BuildRunner.Http", "BuildRunner.Orchestration", "Microsoft.AspNetCore.App"],
        ["BuildRunner.Buildbot"] = ["BuildRunner.Http", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options"],
        ["BuildRunner.Buildkite"] = ["BuildRunner.Http", "Microsoft.Extensions.Options"],
        ["BuildRunner.CloudEvents"] = ["BuildRunner.Orchestration", "CloudNative.CloudEvents"],
        ["BuildRunner.Git"] =
        [
            "BuildRunner",
            "BuildRunner.Http",
            "CliWrap",
            "Microsoft.Extensions.Hosting.Abstractions",
            "Microsoft.Extensions.Logging.Abstractions",
            "Microsoft.Extensions.Options",
        ],
        ["BuildRunner.GitHubActions"] = ["BuildRunner.Http", "Microsoft.Extensions.Options", "Microsoft.IdentityModel.JsonWebTokens"],
        ["BuildRunner.GitLab"] = ["BuildRunner.Http", "Microsoft.Extensions.Options"],
        ["BuildRunner.Http"] = ["BuildRunner", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options"],
        ["BuildRunner.Jenkins"] = ["BuildRunner.Http", "Microsoft.Extensions.Options"],
        ["BuildRunner.MySql"] = ["BuildRunner.Relational", "MySqlConnector"],
        ["BuildRunner.OpenTelemetry"] = ["BuildRunner.Orchestration", "OpenTelemetry.Api"],
        ["BuildRunner.Orchestration"] =
        [
            "BuildRunner",
            "BuildRunner.Queue",
            "Microsoft.Extensions.DependencyInjection.Abstractions",
            "Microsoft.Extensions.Diagnostics.HealthChecks",
            "Microsoft.Extensions.Hosting.Abstractions",
            "Microsoft.Extensions.Logging",
            "Microsoft.Extensions.Options",
            "System.Threading.RateLimiting",
        ],
        ["BuildRunner.PostgreSql"] = ["BuildRunner.Relational", "Npgsql"],
        ["BuildRunner.Queue"] =
        [
            "Microsoft.Extensions.DependencyInjection.Abstractions",
            "Microsoft.Extensions.Hosting.Abstractions",
            "Microsoft.Extensions.Logging.Abstractions",
            "Microsoft.Extensions.Options",
        ],
        ["BuildRunner.Relational"] = ["BuildRunner.Orchestration", "BuildRunner.Queue"],
        ["BuildRunner.Sqlite"] = ["BuildRunner.Relational", "Microsoft.Data.Sqlite", "Microsoft.Extensions.Logging.Abstractions"],
        ["BuildRunner.Testing"] = ["BuildRunner"],
    };

    public static TheoryData<string> Projects => [.. Repository.Files("src", ".csproj").Select(Repository.Name)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_package_depends_on_what_it_may_depend_on(string project)
    {
        var references = References(project);

        Allowed.Should().ContainKey(Path.GetFileNameWithoutExtension(project));
        references.Should().BeSubsetOf(Allowed[Path.GetFileNameWithoutExtension(project)]);
    }

    [Fact]
    public void No_line_of_the_table_is_without_its_project()
    {
        Projects.Select(row => Path.GetFileNameWithoutExtension(row.Data)).Should().BeEquivalentTo(Allowed.Keys);
    }

    [Fact]
    public void The_contract_depends_on_the_abstractions_of_dependency_injection_and_on_nothing_else()
    {
        References("src/BuildRunner/BuildRunner.csproj").Should().Equal("Microsoft.Extensions.DependencyInjection.Abstractions");
    }

    [Fact]
    public void What_every_package_gets_does_not_reach_its_consumers()
    {
        var references = Load("Directory.Build.props").Descendants("ItemGroup")
            .Where(group => !((string?)group.Attribute("Condition") ?? "").Contains("$(IsTestProject)", StringComparison.Ordinal))
            .Descendants()
            .Where(element => element.Name.LocalName.EndsWith("Reference", StringComparison.Ordinal))
            .Select(element => ((string?)element.Attribute("Include"), (string?)element.Attribute("PrivateAssets")));

        references.Should().Equal(("Microsoft.CodeAnalysis.PublicApiAnalyzers", "all"));
    }

    [Fact]
    public void The_compiled_contract_refers_to_the_framework_and_its_one_dependency()
    {
        var references = typeof(IBuildRunner).Assembly.GetReferencedAssemblies()
            .Where(reference => !File.Exists(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), reference.Name + ".dll")));

        var reference = references.Should().ContainSingle().Subject;
        reference.Name.Should().Be("Microsoft.Extensions.DependencyInjection.Abstractions");
        reference.Version.Should().Be(new Version(10, 0, 0, 0));
    }

    [Fact]
    public void The_floor_of_every_extension_is_10_0_0()
    {
        var used = Allowed.Values.SelectMany(names => names).Where(name => name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)).Distinct();

        var versions = CentralVersions();

        using var all = new AssertionScope();
        foreach (var name in used)
        {
            versions.Should().Contain(name, "10.0.0");
        }
    }

    [Fact]
    public void FluentAssertions_is_older_than_8_because_of_its_licence()
    {
        var asked = Version.Parse(CentralVersions()["FluentAssertions"].Trim('[', ']'));
        var loaded = typeof(AssertionScope).Assembly.GetName().Version!;

        asked.Major.Should().BeLessThan(8);
        loaded.Major.Should().BeLessThan(8);
    }

    private static Dictionary<string, string> CentralVersions() => Load("Directory.Packages.props").Descendants("PackageVersion")
        .ToDictionary(element => (string)element.Attribute("Include")!, element => (string)element.Attribute("Version")!);

    private static List<string> References(string project) =>
        [.. Load(project).Descendants()
            .Where(element => element.Name.LocalName is "PackageReference" or "ProjectReference" or "FrameworkReference" or "Reference")
            .Select(Name)];

    private static string Name(XElement reference)
    {
        var include = (string)reference.Attribute("Include")!;
        return reference.Name.LocalName == "ProjectReference" ? Path.GetFileNameWithoutExtension(include.Replace('\\', '/')) : include;
    }

    private static XDocument Load(string name) => XDocument.Load(Path.Combine(Repository.Root, name));
}
