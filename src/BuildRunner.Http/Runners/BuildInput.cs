using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.Http;

/// <summary>
/// Represents what a runner sends for a request: a document or a merged commit, and a token by which the build is found.
/// </summary>
/// <remarks>Immutable.</remarks>
public sealed class BuildInput
{
    private BuildInput(string token, string? document, MergedRevision? merged, string subject) =>
        (Token, Document, Merged, Subject) = (token, document, merged, subject);

    /// <summary>
    /// Gets the token of the trigger key, or a random token if the request has no key.
    /// </summary>
    public string Token { get; }

    /// <summary>
    /// Gets the document, or <see langword="null"/> if a merged commit is built.
    /// </summary>
    public string? Document { get; }

    /// <summary>
    /// Gets the merged commit, or <see langword="null"/> if a document is sent.
    /// </summary>
    public MergedRevision? Merged { get; }

    /// <summary>
    /// Gets a text that two requests have in common only if they build the same: base and head, or the id of the commit.
    /// </summary>
    public string Subject { get; }

    /// <summary>
    /// Creates the input for a request.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="changes">The form in which changes are sent.</param>
    /// <param name="escaped">Characters to escape in the document, as in <see cref="RequestDocument.Of"/>.</param>
    /// <returns>The input.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is <see langword="null"/>.</exception>
    /// <exception cref="BuildRunnerException">The request is too long, or has no merged commit. Nothing was created.</exception>
    public static BuildInput Of(BuildRequest request, ChangesForm changes, string escaped = "")
    {
        ArgumentNullException.ThrowIfNull(request);
        var token = TokenOf(request.TriggerKey ?? Guid.NewGuid().ToString());
        return changes == ChangesForm.Merged && MergedRevision.Of(request) is { } merged
            ? new(token, document: null, merged, merged.CommitId)
            : new(token, RequestDocument.Of(request, escaped), merged: null, SubjectOf(request));
    }

    /// <summary>
    /// Gets the token of a trigger key: <c>br-</c> and 32 hexadecimal digits, which every service accepts in a name, a value and a search.
    /// </summary>
    /// <param name="triggerKey">The key.</param>
    /// <returns>The token. Tokens of different keys differ.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="triggerKey"/> is <see langword="null"/>.</exception>
    public static string TokenOf(string triggerKey)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        return $"br-{HashOf(triggerKey)[..32]}";
    }

    internal static string SubjectOf(BuildRequest request) => RequestDocument.Of(request with { Metadata = null, TriggerKey = null });

    internal static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
