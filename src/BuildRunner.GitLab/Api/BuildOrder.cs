using System.Security.Cryptography;
using System.Text;
using BuildRunner.Http;

namespace BuildRunner.GitLab.Api;

/// <summary>What a pipeline is to build: the document of a request, or a merged commit.</summary>
/// <param name="Content">What tells the order from another one with the same trigger key.</param>
/// <param name="Document">The document, as it is sent.</param>
/// <param name="Merged">The merged commit.</param>
internal sealed record BuildOrder(string Content, string? Document, MergedRevision? Merged)
{
    // GitLab replaces $NAME and %NAME% in values.
    public static BuildOrder Of(BuildRequest request, ChangesForm changes) =>
        changes == ChangesForm.Merged && MergedRevision.Of(request) is { } merged ? new BuildOrder(merged.CommitId, null, merged)
            : new BuildOrder(ContentOf(request), RequestDocument.Of(request, escaped: "$%"), null);

    /// <summary>Gets the name of a pipeline, by which it is found again.</summary>
    public static string NameOf(string triggerKey) => $"br-{HashOf(triggerKey)[..32]}";

    public static string ContentOf(BuildRequest request) => HashOf(RequestDocument.Of(request with { Metadata = null, TriggerKey = null }));

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
