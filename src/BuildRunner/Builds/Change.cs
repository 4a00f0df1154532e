using System.Runtime.Serialization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace BuildRunner;

/// <summary>Represents a change: one or more URIs of revisions, in the order in which they are applied. A change with several URIs is a
/// stacked change.</summary>
/// <remarks>
/// <para>
/// A URI names one exact revision, for example <c>github://github.com/org/repo/pull/12/&lt;sha&gt;</c> or
/// <c>git://host/repo/refs%2Fheads%2Fmain/&lt;sha&gt;</c>. It is opaque, compared ordinally and never normalised. Each runner defines the
/// schemes that it understands.
/// </para>
/// <para>
/// Immutable. Two changes are equal if they have the same URIs in the same order. The JSON form is <c>{"uris":["…"]}</c>.
/// </para>
/// </remarks>
[JsonConverter(typeof(ChangeJsonConverter))]
public sealed partial record Change
{
    /// <summary>Initializes a new instance of the <see cref="Change"/> class with one URI.</summary>
    /// <param name="uri">The URI: a scheme, a colon, and a rest without white space or control characters. User information before the host
    /// is not allowed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="uri"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="uri"/> is not such a URI, or is not well-formed UTF-16.</exception>
    public Change(string uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        Validate(uri, nameof(uri));
        Uris = Sequence<string>.Copy([uri], nameof(uri));
    }

    /// <summary>Initializes a new instance of the <see cref="Change"/> class with several URIs: a stacked change.</summary>
    /// <param name="uris">The URIs, at least one. Each has a scheme, a colon, and a rest without white space or control characters. User
    /// information before the host is not allowed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="uris"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="uris"/> is empty, or an item is <see langword="null"/>, not such a URI, or not
    /// well-formed UTF-16.</exception>
    public Change(IEnumerable<string> uris)
    {
        ArgumentNullException.ThrowIfNull(uris);
        var copy = Sequence<string>.Copy(uris, nameof(uris));
        if (copy.Count == 0)
        {
            throw new ArgumentException("The change has no URI; it needs at least one.", nameof(uris));
        }

        foreach (var uri in copy)
        {
            Validate(uri, nameof(uris));
        }

        Uris = copy;
    }

    /// <summary>Gets the URIs, in the order in which they are applied: at least one, each exactly as given.</summary>
    public IReadOnlyList<string> Uris { get; }

    // A serializer that bypasses the converter could write a change that it cannot read again.
    [OnSerializing]
    private void RefuseToBeWritten(StreamingContext context) => throw WireOnly.NotSupported<Change>();

    private static void Validate(string uri, string parameterName)
    {
        // First, and without the value in the message: user information may be a password.
        if (UserInformation().IsMatch(uri))
        {
            var scheme = uri[..uri.IndexOf(':', StringComparison.Ordinal)];
            throw new ArgumentException(
                $"The URI of a change on {scheme}: has user information before its host; leave it out, because credentials belong to "
                + "the runner's configuration.",
                parameterName);
        }

        if (!Shape().IsMatch(uri) || !Utf16.IsWellFormed(uri))
        {
            // What precedes an '@' may be a password that the pattern above missed, for example after a leading blank.
            var shown = uri.Contains('@', StringComparison.Ordinal) ? "A text with an '@'" : $"'{uri}'";
            throw new ArgumentException(
                $"{shown} is not the URI of a change; it must be a scheme, a colon, and a rest without white space or control characters, "
                + "such as git://host/repo/refs%2Fheads%2Fmain/<sha>.",
                parameterName);
        }
    }

    // Not System.Uri, which normalises and reads /etc/passwd as a file URI. \z, because $ would allow a final line feed.
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.-]*:[/\\]{2}[^/\\?#]*@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInformation();
}
