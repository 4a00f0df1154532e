using System.Globalization;
using System.Text.Json;
using BuildRunner.Http;

namespace BuildRunner.GitLab.Api;

/// <summary>The two schemes of GitLab's webhooks: a secret token, and the signature of Standard Webhooks.</summary>
internal static class GitLabWebhook
{
    private const string SigningPrefix = "whsec_";
    private const string Version = "v1,";

    public static bool IsAuthentic(
        IReadOnlyDictionary<string, string> headers, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        string? HeaderOf(string name) => headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        var signing = secrets.ToLookup(static secret => secret?.StartsWith(SigningPrefix, StringComparison.Ordinal) == true);

        // A request that claims to be signed must be, whatever token it has.
        if (HeaderOf("webhook-signature") is not { } signatures)
        {
            return WebhookSignature.IsToken(HeaderOf("X-Gitlab-Token"), signing[false]);
        }

        var (keys, timestamp) = (signing[true].Select(KeyOf).ToList(), HeaderOf("webhook-timestamp"));
        var isSigned = false;
        foreach (var signature in signatures.Split(' ').Where(static text => text.StartsWith(Version, StringComparison.Ordinal)))
        {
            isSigned |= WebhookSignature.IsBase64(signature[Version.Length..], body, keys, $"{HeaderOf("webhook-id")}.{timestamp}.");
        }

        return isSigned && WebhookSignature.IsInTime(timestamp, now);
    }

    /// <summary>Reads the pipeline of a body, or gets <see langword="null"/> if it is about none of the project.</summary>
    public static PipelineRow? PipelineOf(ReadOnlySpan<byte> body, string project)
    {
        try
        {
            return JsonSerializer.Deserialize(body, GitLabJson.Default.WebhookRow) is
            {
                ObjectKind: "pipeline", ObjectAttributes: { Id: > 0 } pipeline, Project: { } named
            }
            && (project.Equals(named.PathWithNamespace, StringComparison.OrdinalIgnoreCase)
                || project == named.Id?.ToString(CultureInfo.InvariantCulture)) ? pipeline : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] KeyOf(string secret)
    {
        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[SigningPrefix.Length..], key, out var length) ? key[..length] : [];
    }
}
