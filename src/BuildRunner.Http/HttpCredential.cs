using System.Text;

namespace BuildRunner.Http;

/// <summary>
/// Represents a credential that is sent in a header, or in a form if the service allows nothing else.
/// </summary>
/// <remarks>Immutable. <see cref="ToString"/> shows only the name of the header or the form field.</remarks>
public sealed class HttpCredential
{
    /// <summary>
    /// Initializes a new instance of the <see cref="HttpCredential"/> class.
    /// </summary>
    /// <param name="headerName">The name of the header, such as <c>Authorization</c> or <c>PRIVATE-TOKEN</c>.</param>
    /// <param name="headerValue">The complete value of the header.</param>
    /// <param name="secrets">Parts of the value that are secret by themselves, such as a token without its scheme. The complete value is
    /// always a secret.</param>
    /// <exception cref="ArgumentException">A name, value or secret is <see langword="null"/> or blank.</exception>
    public HttpCredential(string headerName, string headerValue, params IReadOnlyList<string> secrets)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(headerName);
        ArgumentException.ThrowIfNullOrWhiteSpace(headerValue);
        ArgumentNullException.ThrowIfNull(secrets);
        foreach (var secret in secrets)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(secret, nameof(secrets));
        }

        HeaderName = headerName;
        HeaderValue = headerValue;
        Secrets = [headerValue, .. secrets];
    }

    /// <summary>
    /// Gets the name of the header, or of the form field.
    /// </summary>
    public string HeaderName { get; }

    /// <summary>
    /// Gets the time when the credential expires, or <see langword="null"/> if that is not known. A credential that expires is kept until a
    /// minute before that time, so <see cref="DateTimeOffset.MaxValue"/> keeps it until it is refused. A credential without an expiry is
    /// requested again for each request.
    /// </summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    internal string HeaderValue { get; }

    internal bool IsFormField { get; private init; }

    internal IReadOnlyList<string> Secrets { get; }

    /// <summary>
    /// Creates a credential for <c>Authorization: Bearer</c>.
    /// </summary>
    /// <param name="token">The token.</param>
    /// <returns>The credential.</returns>
    /// <exception cref="ArgumentException"><paramref name="token"/> is <see langword="null"/> or blank.</exception>
    public static HttpCredential Bearer(string token)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(token);
        return new("Authorization", $"Bearer {token}", token);
    }

    /// <summary>
    /// Creates a credential for <c>Authorization: Basic</c>.
    /// </summary>
    /// <param name="userName">The user name, which is not a secret.</param>
    /// <param name="password">The password or token.</param>
    /// <returns>The credential.</returns>
    /// <exception cref="ArgumentException">An argument is <see langword="null"/> or blank, or the user name contains a colon.</exception>
    public static HttpCredential Basic(string userName, string password)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(userName);
        ArgumentException.ThrowIfNullOrWhiteSpace(password);
        if (userName.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException("The user name contains a colon; basic authentication does not allow one.", nameof(userName));
        }

        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{userName}:{password}"));
        return new("Authorization", $"Basic {encoded}", encoded, password);
    }

    /// <summary>
    /// Creates a credential that is added as a field to requests with a form as their body. Other requests are sent without it.
    /// </summary>
    /// <param name="name">The name of the field.</param>
    /// <param name="value">The value of the field.</param>
    /// <returns>The credential.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> or <paramref name="value"/> is <see langword="null"/> or
    /// blank.</exception>
    public static HttpCredential FormField(string name, string value) => new(name, value) { IsFormField = true };

    /// <inheritdoc/>
    public override string ToString() => $"{HeaderName}: (secret)";
}
