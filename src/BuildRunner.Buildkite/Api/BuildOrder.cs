using System.Security.Cryptography;
using System.Text;
using BuildRunner.Http;

namespace BuildRunner.Buildkite.Api;

/// <summary>What a request asks Buildkite for: a document or a merged commit. Its build is found by the token, which is of the trigger key
/// or of this call alone; the digest tells one that was made with the same key for something else.</summary>
internal sealed record BuildOrder(string? Document, MergedRevision? Merged, string Token, string Digest)
{
    public static BuildOrder Of(BuildRequest request, BuildkiteBuildRunnerOptions options)
    {
        var merged = options.Changes == ChangesForm.Merged ? MergedRevision.Of(request) : null;
        var what = merged is null
            ? $"{options.Branch} {RequestDocument.Of(request with { Metadata = null, TriggerKey = null })}"
            : $"{merged.Branch} {merged.CommitId}";
        var token = TokenOf(request.TriggerKey ?? Guid.NewGuid().ToString());
        return new BuildOrder(merged is null ? RequestDocument.Of(request) : null, merged, token, Hash(what));
    }

    public static string TokenOf(string triggerKey) => $"br-{Hash(triggerKey)}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
}
