using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>What one run of git gave.</summary>
internal sealed record GitResult(int ExitCode, ReadOnlyMemory<byte> Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>Gets the output as one line of text.</summary>
    public string Text => Encoding.UTF8.GetString(Output.Span).Trim();
}
