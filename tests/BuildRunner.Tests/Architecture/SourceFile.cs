using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BuildRunner.Tests.Architecture;

/// <summary>One C# file and the rules for its public members. Each method returns what breaks its rule.</summary>
internal sealed partial class SourceFile(string name, string text)
{
    // As in .editorconfig, which no compiler enforces.
    private const int MaxLineLength = 140;
    private const int MaxLines = 300;

    private static readonly Dictionary<string, string> Registrations = new()
    {
        ["ServiceCollectionExtensions"] = "Microsoft.Extensions.DependencyInjection",
        ["QueueBuilderExtensions"] = "Microsoft.Extensions.DependencyInjection",
        ["OrchestrationBuilderExtensions"] = "Microsoft.Extensions.DependencyInjection",
        ["HealthChecksBuilderExtensions"] = "Microsoft.Extensions.DependencyInjection",
        ["EndpointRouteBuilderExtensions"] = "Microsoft.AspNetCore.Builder",
        ["TracerProviderBuilderExtensions"] = "OpenTelemetry.Trace",
        ["MeterProviderBuilderExtensions"] = "OpenTelemetry.Metrics",
    };

    private static readonly string[] Successes = ["Succeeded", "Success", "Passed", "Done", "Stored", "Applied", "Landed", "Ok"];

    private IReadOnlyList<MemberDeclarationSyntax> PublicTypes =>
        [.. CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .OfType<MemberDeclarationSyntax>()
            .Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            .Where(IsPublic)];

    /// <summary>A file has one public type at most, and its name.</summary>
    public IEnumerable<string> MisnamedTypes()
    {
        var expected = Path.GetFileNameWithoutExtension(name);
        return PublicTypes.Select(Name).Where((type, index) => index > 0 || type != expected);
    }

    /// <summary>Public types are in the namespace of their package, or in that of the contract; registrations are where a consumer has them without a using.</summary>
    public IEnumerable<string> MisplacedTypes(string package) =>
        from type in PublicTypes
        let actual = type.Ancestors().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString() ?? ""
        let registrations = Has(type, SyntaxKind.StaticKeyword) ? Registrations.FirstOrDefault(pair => Name(type).EndsWith(pair.Key, StringComparison.Ordinal)).Value : null
        where registrations is not null ? actual != registrations : actual != package && actual != "BuildRunner"
        select $"{actual}.{Name(type)}";

    /// <summary>Public classes are sealed, static or abstract, but for exceptions, which a runner may derive from.</summary>
    public IEnumerable<string> OpenClasses() =>
        from type in PublicTypes
        where type is ClassDeclarationSyntax or RecordDeclarationSyntax { ClassOrStructKeyword.RawKind: not (int)SyntaxKind.StructKeyword }
        where !Has(type, SyntaxKind.SealedKeyword) && !Has(type, SyntaxKind.StaticKeyword) && !Has(type, SyntaxKind.AbstractKeyword)
        where !Name(type).EndsWith("Exception", StringComparison.Ordinal)
        select Name(type);

    /// <summary>Public records have named properties, so that a new one breaks no caller.</summary>
    public IEnumerable<string> PositionalRecords() =>
        PublicTypes.OfType<RecordDeclarationSyntax>().Where(static type => type.ParameterList is { Parameters.Count: > 0 }).Select(Name);

    /// <summary>The zero of a public enum is no success, so that a mock that was told nothing is not believed.</summary>
    public IEnumerable<string> SuccessfulZeros() =>
        from type in PublicTypes.OfType<EnumDeclarationSyntax>()
        let first = type.Members.FirstOrDefault()
        where first is { EqualsValue: null } or { EqualsValue.Value: LiteralExpressionSyntax { Token.ValueText: "0" } }
        where Successes.Contains(first.Identifier.Text)
        select Name(type);

    /// <summary>Files have 300 lines at most, and their lines 140 columns.</summary>
    public IEnumerable<string> LongLines()
    {
        var lines = text.TrimEnd('\n').Split('\n');
        foreach (var (index, line) in lines.Index().Where(static line => line.Item.Length > MaxLineLength))
        {
            yield return $"line {index + 1} has {line.Length} columns";
        }

        if (lines.Length > MaxLines)
        {
            yield return $"there are {lines.Length} lines";
        }
    }

    private static bool IsPublic(MemberDeclarationSyntax member) => Has(member, SyntaxKind.PublicKeyword);

    private static bool Has(MemberDeclarationSyntax member, SyntaxKind modifier) => member.Modifiers.Any(modifier);

    private static string Name(MemberDeclarationSyntax member) =>
        member is DelegateDeclarationSyntax type ? type.Identifier.Text : ((BaseTypeDeclarationSyntax)member).Identifier.Text;
}
