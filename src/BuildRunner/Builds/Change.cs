using System.Runtime.Serialization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace BuildRunner;

/// <summary>
/// Represents one change: the URIs of the revisions that make it up, in the order in which they are applied. Several URIs are one stacked change.
/// </summary>
/// <remarks>
/// <para>
/// A URI is opaque and names one exact revision, for example <c>github://github.com/org/repo/pull/12/&lt;sha&gt;</c> or <c>git://host/repo/refs%2Fheads%2Fmain/&lt;sha&gt;</c>. It is compared character by character and never normalised. Which schemes are understood is the runner's business.
/// </para>
/// <para>
/// Immutable. Two changes are equal if they have the same URIs in the same order. The JSON form is <c>{"uris":["…"]}</c>.
/// </para>
/// </remarks>
[JsonConverter(typeof(ChangeJsonConverter))]
public sealed partial record Change
{
    /// <summary>
    /// Initializes a new instance of the <see cref="Change"/> class with one URI.
    /// </summary>
    /// <param name="uri">The URI: a scheme, a colon and a rest without white space and control characters, and no user information before its host.</param>
    /// <exception cref="ArgumentNullException"><paramref name="uri"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="uri"/> is not such a URI, or not well-formed UTF-16.</exception>
    public Change(string uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        Validate(uri, nameof(uri));
        Uris = Sequence<string>.Copy([uri], nameof(uri));
    }

    /// <summary>
    /// Initializes a new instance of the <see cref="Change"/> class with several URIs, which are one stacked change.
    /// </summary>
    /// <param name="uris">One URI or more. Each has a scheme, a colon and a rest without white space and control characters, and no user information before its host.</param>
    /// <exception cref="ArgumentNullException"><paramref name="uris"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="uris"/> is empty, or one of them is <see langword="null"/>, not such a URI, or not well-formed UTF-16.</exception>
    public Change(IEnumerable<string> uris)
    {
        ArgumentNullException.ThrowIfNull(uris);
        var copy = Sequence<string>.Copy(uris, nameof(uris));
        if (copy.Count == 0)
        {
            throw new ArgumentException("The change has no URI; it needs one or more.", nameof(uris));
        }

        foreach (var uri in copy)
        {
            Validate(uri, nameof(uris));
        }

        Uris = copy;
    }

    /// <summary>
    /// Gets the URIs in the order in which they are applied: at least one, each exactly as it was given.
    /// </summary>
    public IReadOnlyList<string> Uris { get; }

    // A serializer that does not know the converter could write a change, and not read it again.
    [OnSerializing]
    private void RefuseToBeWritten(StreamingContext context) => throw WireOnly.NotSupported<Change>();

    private static void Validate(string uri, string parameterName)
    {
        // First, and without the value in the message: user information is where a password would be.
        if (UserInformation().IsMatch(uri))
        {
            throw new ArgumentException($"The URI of a change on {uri[..uri.IndexOf(':', StringComparison.Ordinal)]}: has user information before its host; leave it out, credentials belong to the runner's configuration.", parameterName);
        }

        if (!Shape().IsMatch(uri) || !Utf16.IsWellFormed(uri))
        {
            // Where there is an '@', what stands before it may be a password that the pattern above could not make out, such as after a leading blank.
            var shown = uri.Contains('@', StringComparison.Ordinal) ? "A text with an '@'" : $"'{uri}'";
            throw new ArgumentException($"{shown} is not the URI of a change; it must be a scheme, a colon and a rest without white space and control characters, such as git://host/repo/refs%2Fheads%2Fmain/<sha>.", parameterName);
        }
    }

    // Not System.Uri, which takes /etc/passwd for a file URI and normalises. \z, because $ would let a final line feed pass.
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.-]*:[/\\]{2}[^/\\?#]*@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInformation();
}
