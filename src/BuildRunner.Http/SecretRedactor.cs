using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace BuildRunner.Http;

/// <summary>
/// Removes secrets from text that leaves a runner.
/// </summary>
/// <remarks>
/// Finds a secret as it is, escaped for a URL, for HTML or for JSON, and in Base64 at any offset. The most recent 64 secrets are remembered, so that a token that was replaced during a call is still found. Safe for concurrent use.
/// </remarks>
public sealed class SecretRedactor
{
    private const string Replacement = "(secret)";

    private const int MaxSecrets = 64;

    // Shorter ones would match by chance, and protect nothing.
    private const int MinLength = 4;

    private readonly ConcurrentDictionary<string, string[]> _forms = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    internal int LongestForm => _forms.Values.SelectMany(static forms => forms).Select(static form => form.Length).DefaultIfEmpty().Max();

    /// <summary>
    /// Adds a secret to look for. Text of less than four characters is not looked for.
    /// </summary>
    /// <param name="secret">The secret.</param>
    /// <exception cref="ArgumentNullException"><paramref name="secret"/> is <see langword="null"/>.</exception>
    public void Add(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (secret.Length < MinLength || !_forms.TryAdd(secret, FormsOf(secret)))
        {
            return;
        }

        _order.Enqueue(secret);
        while (_order.Count > MaxSecrets && _order.TryDequeue(out var oldest))
        {
            _forms.TryRemove(oldest, out _);
        }
    }

    /// <summary>
    /// Replaces each secret in a text by <c>(secret)</c>.
    /// </summary>
    /// <param name="text">The text, or <see langword="null"/>.</param>
    /// <returns>The text without secrets; empty for <see langword="null"/>.</returns>
    public string Redact(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        // The longest first, so that no part of a longer form is left.
        foreach (var form in _forms.Values.SelectMany(static forms => forms).OrderByDescending(static form => form.Length))
        {
            text = text.Replace(form, Replacement, StringComparison.Ordinal);
        }

        return text;
    }

    private static string[] FormsOf(string secret)
    {
        var escaped = Uri.EscapeDataString(secret);
        HashSet<string> forms = new(StringComparer.Ordinal)
        {
            secret,
            escaped,
            escaped.ToLowerInvariant(),
            WebUtility.UrlEncode(secret),
            WebUtility.HtmlEncode(secret),
            System.Text.Json.JsonEncodedText.Encode(secret).ToString(),
        };
        var bytes = Encoding.UTF8.GetBytes(secret);
        for (var offset = 0; offset < 3; offset++)
        {
            forms.Add(Base64At(bytes, offset));
        }

        foreach (var form in forms.ToList())
        {
            forms.Add(form.Replace('+', '-').Replace('/', '_'));
        }

        return [.. forms.Where(static form => form.Length >= MinLength)];
    }

    // What a secret looks like inside of Base64 of something longer: the characters that depend on it alone.
    private static string Base64At(byte[] secret, int offset)
    {
        var encoded = Convert.ToBase64String([.. new byte[offset], .. secret]);
        var first = (offset * 8 + 5) / 6;
        var last = (offset + secret.Length) * 8 / 6;
        return encoded[first..last];
    }
}
