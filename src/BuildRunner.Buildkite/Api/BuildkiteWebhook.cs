using System.Text;
using BuildRunner.Http;

namespace BuildRunner.Buildkite.Api;

/// <summary>What a webhook is about.</summary>
internal static class BuildkiteWebhook
{
    // Whoever claims to have signed is not let in by a token.
    public static bool IsAuthentic(
        IReadOnlyDictionary<string, string> headers, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, DateTimeOffset now) =>
        WebhookSignature.HeaderOf(headers, "X-Buildkite-Signature") is { } signature
            ? IsSigned(signature, body, secrets, now)
            : WebhookSignature.IsToken(WebhookSignature.HeaderOf(headers, "X-Buildkite-Token"), secrets);

    /// <summary>Reads the number of the build, or gets null if it is of another pipeline or there is none.</summary>
    public static long? NumberIn(ReadOnlySpan<byte> body, string pipeline) =>
        HttpJson.Read(body, BuildkiteJson.Default.WebhookRow) is { Build.Number: > 0 and var number } row && row.Pipeline?.Slug == pipeline
            ? number : null;

    // timestamp=<seconds since 1970>,signature=<hexadecimal>, in any order.
    private static bool IsSigned(string header, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        var parts = header.Split(',').Select(static part => part.Split('=', 2, StringSplitOptions.TrimEntries))
            .ToLookup(static part => part[0], static part => part[^1]);
        return parts["timestamp"].ToList() is [var timestamp] && parts["signature"].ToList() is [var signature]
            && WebhookSignature.IsHex(signature, body, secrets.Select(Encoding.UTF8.GetBytes), $"{timestamp}.")
            && WebhookSignature.IsInTime(timestamp, now);
    }
}
