using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BuildRunner.Http;

/// <summary>
/// Removes secrets from texts that leave a runner.
/// </summary>
/// <remarks>
/// Finds a secret as it is, escaped for a URL, HTML or JSON, and in Base64 at any offset. Of a secret with several lines, such as a key, it
/// finds each line. It remembers the 64 secrets that were added last, so it still finds a token that is replaced during a call. Add a
/// secret each time it is used. Safe for concurrent use.
/// </remarks>
public sealed partial class SecretRedactor
{
    private const string Replacement = "(secret)";

    private const int MaxSecrets = 64;

    // Shorter secrets would match by chance, and protect nothing.
    private const int MinLength = 4;

    // A key also has short lines with words such as BEGIN or END.
    private const int MinLine = 16;

    private readonly Lock _lock = new();

    // In the order in which they were added.
    private readonly OrderedDictionary<string, string[]> _forms = new(StringComparer.Ordinal);

    // The longest first, so that no part of a longer form remains.
    private volatile string[] _byLength = [];

    internal int LongestForm => _byLength is [var longest, ..] ? longest.Length : 0;

    /// <summary>
    /// Adds a secret to remove. Secrets of less than four characters are ignored.
    /// </summary>
    /// <param name="secret">The secret.</param>
    /// <exception cref="ArgumentNullException"><paramref name="secret"/> is <see langword="null"/>.</exception>
    public void Add(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (secret.Length < MinLength)
        {
            return;
        }

        lock (_lock)
        {
            if (_forms.Remove(secret, out var forms))
            {
                _forms.Add(secret, forms);
                return;
            }

            _forms.Add(secret, FormsOf(secret));
            if (_forms.Count > MaxSecrets)
            {
                _forms.RemoveAt(0);
            }

            _byLength = [.. _forms.Values.SelectMany(static all => all).OrderByDescending(static form => form.Length)];
        }
    }

    /// <summary>
    /// Replaces each secret in a text with <c>(secret)</c>.
    /// </summary>
    /// <param name="text">The text, or <see langword="null"/>.</param>
    /// <returns>The text without secrets, or an empty string for <see langword="null"/>.</returns>
    public string Redact(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        foreach (var form in _byLength)
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
            PercentEncoded().Replace(escaped, static match => match.Value.ToLowerInvariant()),
            WebUtility.UrlEncode(secret),
            WebUtility.HtmlEncode(secret),
            JsonEncodedText.Encode(secret).ToString(),

            // As other languages escape it.
            JsonEncodedText.Encode(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
        };
        forms.UnionWith(secret.Split('\n', StringSplitOptions.TrimEntries).Where(static line => line.Length >= MinLine));
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

    // A secret within the Base64 of a longer text: the characters that depend only on the secret.
    private static string Base64At(byte[] secret, int offset)
    {
        var encoded = Convert.ToBase64String([.. new byte[offset], .. secret]);
        var first = (offset * 8 + 5) / 6;
        var last = (offset + secret.Length) * 8 / 6;
        return encoded[first..last];
    }

    [GeneratedRegex("%[0-9A-F]{2}", RegexOptions.CultureInvariant)]
    private static partial Regex PercentEncoded();
}
