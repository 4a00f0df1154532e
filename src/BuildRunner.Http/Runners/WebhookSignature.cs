using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.Http;

/// <summary>
/// Provides the checks that webhooks of several services share, for implementations of <see cref="IBuildWebhookReader"/>.
/// </summary>
/// <remarks>What is missing or malformed is not authentic, and so is everything where there is no key. A key that is empty counts as
/// none. How long a check takes tells nothing of a key.</remarks>
public static class WebhookSignature
{
    /// <summary>
    /// Says whether a signature in hexadecimal is the HMAC-SHA256 of a body.
    /// </summary>
    /// <param name="signature">The signature: 64 digits, without what a service puts in front of them.</param>
    /// <param name="body">The body, byte for byte as it was received.</param>
    /// <param name="keys">The keys, any of which may have signed it: two while a secret is replaced.</param>
    /// <param name="prefix">What was signed in front of the body, such as a time and a dot.</param>
    /// <returns><see langword="true"/> if one of the keys has signed the body.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or <paramref name="prefix"/> is <see langword="null"/>.</exception>
    public static bool IsHex(string? signature, ReadOnlySpan<byte> body, IEnumerable<byte[]> keys, string prefix = "")
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        var isRead = signature?.Length == 2 * given.Length
            && Convert.FromHexString(signature, given, out _, out _) == OperationStatus.Done;
        return IsOneOf(given, isRead, body, keys, prefix);
    }

    /// <summary>
    /// Says whether a signature in Base64 is the HMAC-SHA256 of a body.
    /// </summary>
    /// <param name="signature">The signature: 44 characters, without what a service puts in front of them.</param>
    /// <param name="body">The body, byte for byte as it was received.</param>
    /// <param name="keys">The keys, any of which may have signed it: two while a secret is replaced.</param>
    /// <param name="prefix">What was signed in front of the body, such as an id, a time and dots.</param>
    /// <returns><see langword="true"/> if one of the keys has signed the body.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or <paramref name="prefix"/> is <see langword="null"/>.</exception>
    public static bool IsBase64(string? signature, ReadOnlySpan<byte> body, IEnumerable<byte[]> keys, string prefix = "")
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        var isRead = signature is not null && Convert.TryFromBase64String(signature, given, out var length) && length == given.Length;
        return IsOneOf(given, isRead, body, keys, prefix);
    }

    /// <summary>
    /// Says whether a token that was sent as it is, without a signature, is one of several secrets.
    /// </summary>
    /// <param name="token">The token.</param>
    /// <param name="secrets">The secrets: two while one is replaced.</param>
    /// <returns><see langword="true"/> if it is.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="secrets"/> is <see langword="null"/>.</exception>
    public static bool IsToken(string? token, IEnumerable<string> secrets)
    {
        ArgumentNullException.ThrowIfNull(secrets);

        // Hashes have one length, so that of a secret is not told either.
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
    /// Says whether a signed time is about now, so that what was signed long ago is not taken again.
    /// </summary>
    /// <param name="unixTime">The time, in whole seconds since 1970.</param>
    /// <param name="now">The time of this machine.</param>
    /// <param name="tolerance">How far the two may be apart, in either direction, or <see langword="null"/> for 5 minutes, which
    /// Buildkite and Standard Webhooks recommend.</param>
    /// <returns><see langword="true"/> if they are no further apart.</returns>
    public static bool IsInTime(string? unixTime, DateTimeOffset now, TimeSpan? tolerance = null) =>
        long.TryParse(unixTime, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs(now.ToUnixTimeSeconds() - seconds) <= (tolerance ?? TimeSpan.FromMinutes(5)).TotalSeconds;

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
