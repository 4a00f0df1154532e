using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.Http;

/// <summary>
/// Provides signature checks for the webhooks of several services, for implementations of <see cref="IBuildWebhookReader"/>.
/// </summary>
/// <remarks>
/// A missing or malformed signature is not authentic. Without a key, nothing is. An empty key counts as no key. The duration of a check
/// reveals nothing about a key.
/// </remarks>
public static class WebhookSignature
{
    private const string StandardPrefix = "whsec_";

    /// <summary>
    /// Determines whether a hexadecimal signature is the HMAC-SHA256 of a body.
    /// </summary>
    /// <param name="signature">The signature: 64 digits, without the prefix of the service.</param>
    /// <param name="body">The body, byte for byte as it was received.</param>
    /// <param name="keys">The keys, any of which may have signed the body. There are two while a secret is being replaced.</param>
    /// <param name="prefix">The text that was signed before the body, such as a time and a dot.</param>
    /// <returns><see langword="true"/> if one of the keys has signed the body; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or <paramref name="prefix"/> is <see langword="null"/>.</exception>
    public static bool IsHex(string? signature, ReadOnlySpan<byte> body, IEnumerable<byte[]> keys, string prefix = "")
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        var isRead = signature?.Length == 2 * given.Length
            && Convert.FromHexString(signature, given, out _, out _) == OperationStatus.Done;
        return IsOneOf(given, isRead, body, keys, prefix);
    }

    /// <summary>
    /// Determines whether a Base64 signature is the HMAC-SHA256 of a body.
    /// </summary>
    /// <param name="signature">The signature: 44 characters, without the prefix of the service.</param>
    /// <param name="body">The body, byte for byte as it was received.</param>
    /// <param name="keys">The keys, any of which may have signed the body. There are two while a secret is being replaced.</param>
    /// <param name="prefix">The text that was signed before the body, such as an id, a time and dots.</param>
    /// <returns><see langword="true"/> if one of the keys has signed the body; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or <paramref name="prefix"/> is <see langword="null"/>.</exception>
    public static bool IsBase64(string? signature, ReadOnlySpan<byte> body, IEnumerable<byte[]> keys, string prefix = "")
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        var isRead = signature is not null && Convert.TryFromBase64String(signature, given, out var length) && length == given.Length;
        return IsOneOf(given, isRead, body, keys, prefix);
    }

    /// <summary>
    /// Determines whether a token that was sent without a signature is one of several secrets.
    /// </summary>
    /// <param name="token">The token.</param>
    /// <param name="secrets">The secrets. There are two while one is being replaced.</param>
    /// <returns><see langword="true"/> if it is; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="secrets"/> is <see langword="null"/>.</exception>
    public static bool IsToken(string? token, IEnumerable<string> secrets)
    {
        ArgumentNullException.ThrowIfNull(secrets);

        // Hashes have the same length, so the length of a secret is not revealed either.
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(token ?? ""));
        var isSecret = false;
        foreach (var secret in secrets)
        {
            var expected = SHA256.HashData(Encoding.UTF8.GetBytes(secret ?? ""));
            isSecret |= !string.IsNullOrEmpty(secret) & CryptographicOperations.FixedTimeEquals(expected, given);
        }

        return isSecret && token is not null;
    }

    /// <summary>
    /// Determines whether a signed time is close to now, so that old webhooks are not accepted again.
    /// </summary>
    /// <param name="unixTime">The time, in whole seconds since 1970.</param>
    /// <param name="now">The time of this machine.</param>
    /// <param name="tolerance">The maximum difference in either direction, or <see langword="null"/> for 5 minutes, which Buildkite and
    /// Standard Webhooks recommend.</param>
    /// <returns><see langword="true"/> if the difference is within the tolerance; otherwise, <see langword="false"/>.</returns>
    public static bool IsInTime(string? unixTime, DateTimeOffset now, TimeSpan? tolerance = null) =>
        long.TryParse(unixTime, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs(now.ToUnixTimeSeconds() - seconds) <= (tolerance ?? TimeSpan.FromMinutes(5)).TotalSeconds;

    /// <summary>
    /// Determines whether a webhook is signed by the scheme of Standard Webhooks, with a key of the form <c>whsec_</c> and Base64.
    /// </summary>
    /// <param name="headers">The headers by name, in any case: <c>webhook-id</c>, <c>webhook-timestamp</c>, which may differ from now by
    /// five minutes, and <c>webhook-signature</c>.</param>
    /// <param name="body">The body, byte for byte as it was received.</param>
    /// <param name="secrets">The keys. Secrets of another form are no keys.</param>
    /// <param name="now">The time of this machine.</param>
    /// <returns><see langword="true"/> if one of the keys has signed the webhook, <see langword="false"/> if none has, or
    /// <see langword="null"/> if it has no <c>webhook-signature</c>, so it does not claim to be signed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="headers"/> or <paramref name="secrets"/> is
    /// <see langword="null"/>.</exception>
    public static bool? IsStandard(
        IReadOnlyDictionary<string, string> headers,
        ReadOnlySpan<byte> body,
        IEnumerable<string> secrets,
        DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(secrets);
        if (HeaderOf(headers, "webhook-signature") is not { } signatures)
        {
            return null;
        }

        var (timestamp, keys) = (HeaderOf(headers, "webhook-timestamp"), secrets.Where(IsStandardKey).Select(StandardKey).ToList());
        var isSigned = false;
        foreach (var signature in signatures.Split(' ').Where(static text => text.StartsWith("v1,", StringComparison.Ordinal)))
        {
            isSigned |= IsBase64(signature["v1,".Length..], body, keys, $"{HeaderOf(headers, "webhook-id")}.{timestamp}.");
        }

        return isSigned && IsInTime(timestamp, now);
    }

    /// <summary>
    /// Determines whether a secret has the form of a key of Standard Webhooks, and so is no plain token.
    /// </summary>
    /// <param name="secret">The secret.</param>
    /// <returns><see langword="true"/> if it begins with <c>whsec_</c>; otherwise, <see langword="false"/>.</returns>
    public static bool IsStandardKey(string? secret) => secret?.StartsWith(StandardPrefix, StringComparison.Ordinal) == true;

    /// <summary>
    /// Gets the value of a header.
    /// </summary>
    /// <param name="headers">The headers by name, in any case.</param>
    /// <param name="name">The name.</param>
    /// <returns>The value, or <see langword="null"/> if the header is missing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="headers"/> is <see langword="null"/>.</exception>
    public static string? HeaderOf(IReadOnlyDictionary<string, string> headers, string name) =>
        headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static byte[] StandardKey(string secret)
    {
        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[StandardPrefix.Length..], key, out var length) ? key[..length] : [];
    }

    private static bool IsOneOf(ReadOnlySpan<byte> given, bool isRead, ReadOnlySpan<byte> body, IEnumerable<byte[]> keys, string prefix)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(prefix);
        if (!isRead)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        var isSigned = false;
        foreach (var key in keys.Where(static key => key is { Length: > 0 }))
        {
            using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
            hash.AppendData(Encoding.UTF8.GetBytes(prefix));
            hash.AppendData(body);
            hash.GetHashAndReset(expected);
            isSigned |= CryptographicOperations.FixedTimeEquals(expected, given);
        }

        return isSigned;
    }
}
