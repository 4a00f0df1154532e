using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Represents the result of a run of git.</summary>
internal sealed record GitResult(int ExitCode, ReadOnlyMemory<byte> Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>Gets the output as trimmed text.</summary>
    public string Text => Encoding.UTF8.GetString(Output.Span).Trim();
}
