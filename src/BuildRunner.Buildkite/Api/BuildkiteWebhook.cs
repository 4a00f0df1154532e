using System.Text;
using System.Text.Json;
using BuildRunner.Http;

namespace BuildRunner.Buildkite.Api;

/// <summary>What a webhook is about.</summary>
internal static class BuildkiteWebhook
{
    /// <summary>Reads the number of the build of a webhook: 0 for none, or null if it is not authentic.</summary>
    public static long? Read(
        IReadOnlyDictionary<string, string> headers, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, string pipeline,
        DateTimeOffset now)
    {
        // Whoever claims to have signed is not let in by a token.
        var isAuthentic = HeaderOf(headers, "X-Buildkite-Signature") is { } signature
            ? IsSigned(signature, body, secrets, now)
            : WebhookSignature.IsToken(HeaderOf(headers, "X-Buildkite-Token"), secrets);
        return !isAuthentic ? null
            : Parse(body) is { Build.Number: > 0 and var number } row && row.Pipeline?.Slug == pipeline ? number
            : 0;
    }

    // timestamp=<seconds since 1970>,signature=<hexadecimal>, in any order.
    private static bool IsSigned(string header, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        var parts = header.Split(',').Select(static part => part.Split('=', 2, StringSplitOptions.TrimEntries))
            .ToLookup(static part => part[0], static part => part[^1]);
        return parts["timestamp"].ToList() is [var timestamp] && parts["signature"].ToList() is [var signature]
            && WebhookSignature.IsHex(signature, body, secrets.Select(Encoding.UTF8.GetBytes), $"{timestamp}.")
            && WebhookSignature.IsInTime(timestamp, now);
    }

    private static string? HeaderOf(IReadOnlyDictionary<string, string> headers, string name) =>
        headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static WebhookRow? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, BuildkiteJson.Default.WebhookRow);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
