using BuildRunner.Tests.Architecture;

namespace BuildRunner.Tests.Documentation;

/// <summary>A type from a code block of a page, as a reader gets it by copying the block.</summary>
internal static class PageType
{
    public static T Create<T>(string page, string name)
    {
        var block = Markdown.CodeBlocks(File.ReadAllText(Path.Combine(Repository.Root, page))).Single(block => block.Code.Contains($"class {name}", StringComparison.Ordinal));
        return (T)Activator.CreateInstance(CodeBlockCompiler.Compile(block.Code).GetType(name, throwOnError: true)!)!;
    }
}
