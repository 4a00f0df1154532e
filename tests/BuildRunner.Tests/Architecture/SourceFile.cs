using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BuildRunner.Tests.Architecture;

/// <summary>One C# file and the rules for what is public in it. Each method gives what breaks its rule, nothing if all is well.</summary>
internal sealed partial class SourceFile(string name, string text)
{
    // What only those write against who write an engine is out of the way of everybody else.
    private const string Engines = ".Engines";

    private static readonly Dictionary<string, string> Registrations = new()
    {
        ["ServiceCollectionExtensions"] = "Microsoft.Extensions.DependencyInjection",
        ["QueueBuilderExtensions"] = "Microsoft.Extensions.DependencyInjection",
        ["HealthChecksBuilderExtensions"] = "Microsoft.Extensions.DependencyInjection",
        ["EndpointRouteBuilderExtensions"] = "Microsoft.AspNetCore.Builder",
        ["TracerProviderBuilderExtensions"] = "OpenTelemetry.Trace",
        ["MeterProviderBuilderExtensions"] = "OpenTelemetry.Metrics",
    };

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

    /// <summary>Public types are in the namespace of their package, in the one below it for engines, or in that of the contract; registrations are where a consumer has them without a using.</summary>
    public IEnumerable<string> MisplacedTypes(string package) =>
        from type in PublicTypes
        let actual = type.Ancestors().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString() ?? ""
        let registrations = Has(type, SyntaxKind.StaticKeyword) ? Registrations.FirstOrDefault(pair => Name(type).EndsWith(pair.Key, StringComparison.Ordinal)).Value : null
        where registrations is not null ? actual != registrations : actual != package && actual != package + Engines && actual != "BuildRunner"
        select $"{actual}.{Name(type)}";

    /// <summary>Public classes are sealed, static or abstract, but for exceptions, which a runner may derive from.</summary>
    public IEnumerable<string> OpenClasses() =>
        from type in PublicTypes
        where type is ClassDeclarationSyntax or RecordDeclarationSyntax { ClassOrStructKeyword.RawKind: not (int)SyntaxKind.StructKeyword }
        where !Has(type, SyntaxKind.SealedKeyword) && !Has(type, SyntaxKind.StaticKeyword) && !Has(type, SyntaxKind.AbstractKeyword)
        where !Name(type).EndsWith("Exception", StringComparison.Ordinal)
        select Name(type);

    private static bool IsPublic(MemberDeclarationSyntax member) => Has(member, SyntaxKind.PublicKeyword);

    private static bool Has(MemberDeclarationSyntax member, SyntaxKind modifier) => member.Modifiers.Any(modifier);

    private static string Name(MemberDeclarationSyntax member) =>
        member is DelegateDeclarationSyntax type ? type.Identifier.Text : ((BaseTypeDeclarationSyntax)member).Identifier.Text;
}
