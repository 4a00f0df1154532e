using System.Text.RegularExpressions;

namespace BuildRunner.Git.Remotes;

/// <summary>Represents the address of a remote. Only forms are accepted that git cannot take for an option, a command, a helper or the name
/// of a configured remote.</summary>
internal sealed partial record RemoteAddress
{
    private RemoteAddress(string protocol, string text)
    {
        Protocol = protocol;
        Text = text;
    }

    /// <summary>Gets the protocol as git names it: file, http, https or ssh.</summary>
    public string Protocol { get; }

    public string Text { get; }

    public bool IsHttp => Protocol is "http" or "https";

    /// <summary>Parses an address, or returns <see langword="null"/> if the text is not one.</summary>
    public static RemoteAddress? TryParse(string? text)
    {
        if (text is null || text.Any(char.IsControl) || EncodedControl().IsMatch(text))
        {
            return null;
        }

        if (text.StartsWith('/') || text.StartsWith("file:///", StringComparison.Ordinal))
        {
            return new RemoteAddress("file", text);
        }

        return Http().IsMatch(text) || Ssh().IsMatch(text)
            ? new RemoteAddress(text[..text.IndexOf(':', StringComparison.Ordinal)], text)
            : null;
    }

    public override string ToString() => Text;

    // git decodes an address before it uses it.
    [GeneratedRegex("%(?:[01][0-9A-F]|7F)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex EncodedControl();

    // No user information, because addresses appear in argument lists and messages.
    [GeneratedRegex(
        @"^https?://(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[^\s\\?#]*)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Http();

    // A user name is no secret and most servers need one; a password is a secret.
    [GeneratedRegex(
        @"^ssh://(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/[^\s\\]+\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Ssh();
}
