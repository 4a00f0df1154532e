using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BuildRunner.Tests.Documentation;

/// <summary>Compiles a block as a console project of today would: the latest C#, nullable, implicit usings, warnings are errors.</summary>
internal static class CodeBlockCompiler
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    // A library that was built for an older framework; the SDK never says so either.
    private static readonly Dictionary<string, ReportDiagnostic> OffInTheSdk = new() { ["CS1701"] = ReportDiagnostic.Suppress, ["CS1702"] = ReportDiagnostic.Suppress };

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Latest);
    private static readonly IReadOnlyList<MetadataReference> References = FindReferences();

    // The generator of System.Text.Json, which the SDK gives to every project, from beside the reference assemblies.
    private static readonly Lazy<ISourceGenerator> JsonGenerator = new(static () =>
    {
        var packs = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "packs", "Microsoft.NETCore.App.Ref");
        var file = Directory.GetFiles(packs, "System.Text.Json.SourceGeneration.dll", SearchOption.AllDirectories).Max()!;
        return ((IIncrementalGenerator)Activator.CreateInstance(Assembly.LoadFrom(file).GetType("System.Text.Json.SourceGeneration.JsonSourceGenerator", throwOnError: true)!)!).AsSourceGenerator();
    });

    public static Assembly Compile(string code)
    {
        List<SyntaxTree> files = [.. code.Split(Markdown.AnotherFile).Select(static file => CSharpSyntaxTree.ParseText(file, Options))];
        var isProgram = ((CSharpSyntaxTree)files[0]).GetCompilationUnitRoot().Members.OfType<GlobalStatementSyntax>().Any();
        var compilation = CSharpCompilation.Create(
            "Documentation." + Guid.NewGuid().ToString("N"),
            [.. files, CSharpSyntaxTree.ParseText(ImplicitUsings, Options)],
            References,
            new CSharpCompilationOptions(
                isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                specificDiagnosticOptions: OffInTheSdk,
                nullableContextOptions: NullableContextOptions.Enable));

        CSharpGeneratorDriver.Create([JsonGenerator.Value], parseOptions: Options).RunGeneratorsAndUpdateCompilation(compilation, out var generated, out var said);
        using var image = new MemoryStream();
        var result = generated.Emit(image);
        var complaints = result.Diagnostics.Concat(said).Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).ToList();
        if (!result.Success || complaints.Count > 0)
        {
            throw new CodeBlockException("The block does not compile:\n" + string.Join('\n', complaints) + "\n\n" + code);
        }

        image.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(image);
    }

    // What the tests themselves run with, but without the tests.
    private static List<MetadataReference> FindReferences() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(path => Path.GetFileNameWithoutExtension(path) != typeof(CodeBlockCompiler).Assembly.GetName().Name)
            .Select(path => MetadataReference.CreateFromFile(path))];
}
