namespace BuildRunner.Git;

/// <summary>
/// Represents the user name and the password or token with which a remote is asked over HTTP.
/// </summary>
/// <remarks>
/// The secret has no public member and is not part of the text, so that it is not logged, serialized or shown by accident.
/// </remarks>
public sealed class GitCredentials
{
    /// <summary>
    /// Initializes a new instance of the <see cref="GitCredentials"/> class.
    /// </summary>
    /// <param name="userName">The user name, without colons and control characters. Where a token is all that counts, what the server expects beside it, such as <c>x-access-token</c>; empty where it expects nothing.</param>
    /// <param name="password">The password or the token.</param>
    /// <exception cref="ArgumentNullException"><paramref name="userName"/> or <paramref name="password"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="userName"/> has a colon or a control character, or <paramref name="password"/> has a control character.</exception>
    public GitCredentials(string userName, string password)
    {
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(password);
        if (userName.Contains(':', StringComparison.Ordinal) || userName.Any(char.IsControl))
        {
            throw new ArgumentException("The user name has a colon or a control character, which cannot be sent; give the password apart from it.", nameof(userName));
        }

        if (password.Any(char.IsControl))
        {
            throw new ArgumentException("The password has a control character, such as the line feed at the end of a file; trim it.", nameof(password));
        }

        UserName = userName;
        Password = password;
    }

    /// <summary>
    /// Gets the user name.
    /// </summary>
    public string UserName { get; }

    internal string Password { get; }

    /// <summary>
    /// Gets the name of the type and the user name, never the secret.
    /// </summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{nameof(GitCredentials)} {{ {nameof(UserName)} = {UserName} }}";
}
