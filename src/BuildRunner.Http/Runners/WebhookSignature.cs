using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.Http;

/// <summary>
/// Provides the check of a signature that services put on their webhooks.
/// </summary>
public static class WebhookSignature
{
    /// <summary>
    /// Checks an HMAC with SHA-256 of a body, in constant time.
    /// </summary>
    /// <param name="body">The body, byte for byte as it was received.</param>
    /// <param name="signature">The signature in hexadecimal digits, or <see langword="null"/> if there was none.</param>
    /// <param name="secrets">The secrets of which one is to fit, so that a secret can be replaced without a gap. One that is blank fits
    /// nothing.</param>
    /// <returns><see langword="true"/> if the signature was made with one of the secrets; <see langword="false"/> as well if there is no
    /// secret.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="secrets"/> is <see langword="null"/>.</exception>
    public static bool IsHmacSha256(ReadOnlySpan<byte> body, string? signature, IReadOnlyList<string> secrets)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        Span<byte> claimed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (signature?.Length != 2 * HMACSHA256.HashSizeInBytes
            || Convert.FromHexString(signature, claimed, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        // Each is tried, so that the time does not tell which one fits.
        var isAuthentic = false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var secret in secrets)
        {
            if (!string.IsNullOrWhiteSpace(secret))
            {
                HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, expected);
                isAuthentic |= CryptographicOperations.FixedTimeEquals(claimed, expected);
            }
        }

        return isAuthentic;
    }
}
