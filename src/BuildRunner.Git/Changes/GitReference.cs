using System.Buffers;
using System.Text.RegularExpressions;

namespace BuildRunner.Git.Changes;

/// <summary>Distinguishes names of references and commits from expressions that git would evaluate.</summary>
internal static partial class GitReference
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(" ~^:?*[\\\x7F");

    /// <summary>Determines whether the text is a full commit id, in either object format.</summary>
    public static bool IsCommitId(string? text) => text is not null && CommitId().IsMatch(text);

    /// <summary>Determines whether the text is a full reference, which begins with <c>refs/</c> and is valid by
    /// git-check-ref-format.</summary>
    public static bool IsReference(string? text) =>
        text is not null && text.StartsWith("refs/", StringComparison.Ordinal) && IsWellFormed(text);

    /// <summary>Determines whether the text is a full reference or the name of a branch.</summary>
    public static bool IsBranchOrReference(string? text) => IsReference(text) || IsReference("refs/heads/" + text);

    /// <summary>Gets the full reference of a text that <see cref="IsBranchOrReference"/> accepts.</summary>
    public static string Expand(string branchOrReference) =>
        IsReference(branchOrReference) ? branchOrReference : "refs/heads/" + branchOrReference;

    // The numbered rules of git-check-ref-format(1); a test compares them with git itself.
    private static bool IsWellFormed(string reference) =>
        !reference.Contains("..", StringComparison.Ordinal)
        && !reference.Contains("@{", StringComparison.Ordinal)
        && !reference.EndsWith('.')
        && !reference.AsSpan().ContainsAny(Forbidden)
        && !reference.AsSpan().ContainsAnyInRange('\0', '\x1F')
        && reference.Split('/').All(static component =>
            component.Length > 0 && component[0] != '.' && !component.EndsWith(".lock", StringComparison.Ordinal));

    [GeneratedRegex(@"^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})\z", RegexOptions.CultureInvariant)]
    private static partial Regex CommitId();
}
