using BuildRunner.Testing;
using FluentAssertions;

namespace BuildRunner.Tests;

/// <summary>The section of a package's README that says how its runner did in the conformance kit.</summary>
internal static class ConformanceReadme
{
    /// <summary>Holds the section against what the tests of the kit expect of each case.</summary>
    /// <param name="package">The package.</param>
    /// <param name="skipped">The cases that are skipped; all others pass.</param>
    public static void Verify(string package, IReadOnlyList<string> skipped)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "BuildRunner.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The tests do not run in the repository.");
        }

        var readme = File.ReadAllText(Path.Combine(root, "src", package, "README.md"));
        var section = readme[readme.IndexOf("\n## Conformance\n", StringComparison.Ordinal)..].Split("\n## ")[1];

        section.Should().Contain($"Of its {Conformance.Cases.Count} cases, {Conformance.Cases.Count - skipped.Count} pass and {skipped.Count} are skipped.");
        section.Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(static line => line.Split('|')[1].Trim()).Should().Equal(skipped);
        Conformance.Cases.Select(static conformanceCase => conformanceCase.Name).Should().Contain(skipped);
    }
}
