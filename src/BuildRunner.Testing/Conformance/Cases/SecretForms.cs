using System.Text;

namespace BuildRunner.Testing;

/// <summary>Finds credentials in text, in the forms in which they are sent: as they are, URL-escaped, and in Base64.</summary>
internal sealed class SecretForms(IEnumerable<string> secrets)
{
    private const int BitsOfByte = 8;
    private const int BitsOfDigit = 6;
    private const int BytesOfGroup = 3;

    private readonly List<string> _forms =
    [
        .. secrets.Where(static secret => !string.IsNullOrWhiteSpace(secret)).SelectMany(Forms).Distinct(),
    ];

    public bool IsEmpty => _forms.Count == 0;

    public bool IsIn(string? text) => text is not null && _forms.Exists(form => text.Contains(form, StringComparison.Ordinal));

    /// <summary>Replaces the credentials in a text.</summary>
    public string Mask(string text) =>
        _forms.Aggregate(text, static (masked, form) => masked.Replace(form, "***", StringComparison.Ordinal));

    private static IEnumerable<string> Forms(string secret) =>
        [secret, Uri.EscapeDataString(secret), .. Enumerable.Range(0, BytesOfGroup).SelectMany(before => Base64(secret, before))];

    // The text before a credential, such as a user name and a colon, determines its offset in a group of three bytes.
    // Digits that it shares with neighbouring text are left out.
    private static IEnumerable<string> Base64(string secret, int before)
    {
        byte[] bytes = [.. new byte[before], .. Encoding.UTF8.GetBytes(secret)];
        var first = ((before * BitsOfByte) + BitsOfDigit - 1) / BitsOfDigit;
        var digits = Convert.ToBase64String(bytes)[first..(bytes.Length * BitsOfByte / BitsOfDigit)];
        return digits.Length < secret.Length ? [] : [digits, digits.Replace('+', '-').Replace('/', '_')];
    }
}
