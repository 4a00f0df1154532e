namespace BuildRunner.Tests.Documentation;

/// <summary>The C# code that one reader copies: a fenced block with the blocks that continue it.</summary>
internal sealed record CodeBlock(int Line, string Code);
