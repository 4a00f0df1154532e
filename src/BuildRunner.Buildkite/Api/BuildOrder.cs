using System.Security.Cryptography;
using System.Text;
using BuildRunner.Http;

namespace BuildRunner.Buildkite.Api;

/// <summary>What a request asks Buildkite for, and the words by which its build is found again.</summary>
/// <param name="Document">The request in its wire form, or null for a commit that is merged already.</param>
/// <param name="Merged">The commit that is merged already, or null.</param>
/// <param name="Token">The word of the trigger key or, without one, of this call alone.</param>
/// <param name="Digest">The word of what is built, so that the same key for something else is noticed.</param>
internal sealed record BuildOrder(string? Document, MergedRevision? Merged, string Token, string Digest)
{
    public static BuildOrder Of(BuildRequest request, BuildkiteBuildRunnerOptions options)
    {
        var merged = options.Changes == ChangesForm.Merged ? MergedRevision.Of(request) : null;
        var document = merged is null ? RequestDocument.Of(request) : null;
        var what = merged is null
            ? $"{options.Branch} {RequestDocument.Of(request with { Metadata = null, TriggerKey = null })}"
            : $"{merged.Branch} {merged.CommitId}";
        return new BuildOrder(document, merged, TokenOf(request.TriggerKey ?? Guid.NewGuid().ToString()), Hash(what));
    }

    public static string TokenOf(string triggerKey) => $"br-{Hash(triggerKey)}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
}
