using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BuildRunner.Tests.Architecture;

/// <summary>The public types can grow without breaking who uses them, and none of their values is a success by accident.</summary>
public sealed partial class PublicShapeTests
{
    // Of these the zero is a state that says nothing good, or a choice of the caller with a documented default.
    private static readonly string[] FitZeros = ["Unknown", "None", "Refused", "NewestFirst", "Head", "Document", "Succeeds", "AnswerLost", "Trigger"];

    private static readonly string[] Growths = ["mock it, do not implement it", "it gains no members", "exactly these three members"];

    private static IEnumerable<(string File, BaseTypeDeclarationSyntax Type)> Types =>
        from file in Repository.Files("src", ".cs")
        from type in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        where type.AncestorsAndSelf().OfType<BaseTypeDeclarationSyntax>().All(static outer => outer.Modifiers.Any(SyntaxKind.PublicKeyword))
        select (Repository.Name(file), type);

    [Fact]
    public void No_public_record_has_positions()
    {
        Broken<RecordDeclarationSyntax>(static record => record.ParameterList is not null).Should().BeEmpty();
    }

    [Fact]
    public void No_zero_of_an_enumeration_is_a_success()
    {
        Broken<EnumDeclarationSyntax>(static type =>
            type.Members[0] is { EqualsValue: null or { Value: LiteralExpressionSyntax { Token.Text: "0" } } } zero && !FitZeros.Contains(zero.Identifier.Text))
            .Should().BeEmpty();
    }

    [Fact]
    public void No_public_record_with_a_list_has_the_equality_that_is_generated()
    {
        Broken<RecordDeclarationSyntax>(static record =>
            record.Members.OfType<PropertyDeclarationSyntax>().Any(static property => IsList(property.Type.ToString()))
            && !record.Members.OfType<MethodDeclarationSyntax>().Any(static method => method.Identifier.Text == "Equals")
            && !record.ToString().Contains("Sequence<", StringComparison.Ordinal))
            .Should().BeEmpty();
    }

    [Fact]
    public void Every_public_interface_says_how_it_grows()
    {
        Broken<InterfaceDeclarationSyntax>(static type => !Growths.Any(growth => Broke().Replace(type.GetLeadingTrivia().ToFullString(), " ").Contains(growth, StringComparison.Ordinal)))
            .Should().BeEmpty();
    }

    [GeneratedRegex(@"\s*///\s*")]
    private static partial Regex Broke();

    private static bool IsList(string type) => type.StartsWith("IReadOnly", StringComparison.Ordinal) || type.EndsWith("[]", StringComparison.Ordinal);

    private static IEnumerable<string> Broken<TType>(Func<TType, bool> isBroken)
        where TType : BaseTypeDeclarationSyntax =>
        from found in Types
        where found.Type is TType type && isBroken(type)
        select $"{found.File}: {found.Type.Identifier.Text}";
}
