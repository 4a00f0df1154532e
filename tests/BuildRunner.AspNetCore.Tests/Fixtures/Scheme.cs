using System.Text;
using BuildRunner.Http;

namespace BuildRunner.AspNetCore.Tests.Fixtures;

/// <summary>Says whether a webhook is authentic, as a service signs it.</summary>
internal delegate bool Scheme(IReadOnlyDictionary<string, string> headers, ReadOnlySpan<byte> body);

/// <summary>The signature schemes of services.</summary>
internal static class Schemes
{
    public static Scheme GitHub(params string[] secrets) => (headers, body) =>
        headers.TryGetValue("X-Hub-Signature-256", out var signature)
        && signature.StartsWith("sha256=", StringComparison.Ordinal)
        && WebhookSignature.IsHex(signature["sha256=".Length..], body, Keys(secrets));

    public static Scheme Buildkite(TimeProvider time, params string[] secrets) => (headers, body) =>
    {
        if (!headers.TryGetValue("X-Buildkite-Signature", out var header))
        {
            return WebhookSignature.IsToken(headers.GetValueOrDefault("X-Buildkite-Token"), secrets);
        }

        var parts = header.Split(',')
            .Select(static part => part.Split('=', 2))
            .Where(static part => part.Length == 2)
            .ToLookup(static part => part[0].Trim(), static part => part[1]);
        var timestamp = parts["timestamp"].FirstOrDefault();
        return WebhookSignature.IsInTime(timestamp, time.GetUtcNow())
            && WebhookSignature.IsHex(parts["signature"].FirstOrDefault(), body, Keys(secrets), $"{timestamp}.");
    };

    public static Scheme GitLab(TimeProvider time, string token, params string[] keys) => (headers, body) =>
    {
        if (!headers.TryGetValue("webhook-signature", out var header))
        {
            return WebhookSignature.IsToken(headers.GetValueOrDefault("X-Gitlab-Token"), [token]);
        }

        var (id, timestamp) = (headers.GetValueOrDefault("webhook-id"), headers.GetValueOrDefault("webhook-timestamp"));
        var isSigned = false;
        foreach (var signature in header.Split(' ').Where(static one => one.StartsWith("v1,", StringComparison.Ordinal)))
        {
            var hash = signature["v1,".Length..];
            isSigned |= WebhookSignature.IsBase64(hash, body, keys.Select(Convert.FromBase64String), $"{id}.{timestamp}.");
        }

        return isSigned && WebhookSignature.IsInTime(timestamp, time.GetUtcNow());
    };

    private static IEnumerable<byte[]> Keys(string[] secrets) => secrets.Select(Encoding.UTF8.GetBytes);
}
