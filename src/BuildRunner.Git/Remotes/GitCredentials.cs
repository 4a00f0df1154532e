namespace BuildRunner.Git;

/// <summary>Represents the user name and the password or token for a remote over HTTP.</summary>
/// <remarks>The secret has no public member and is not part of <see cref="ToString"/>, so that it is not logged, serialized or shown by
/// accident.</remarks>
public sealed class GitCredentials
{
    /// <summary>Initializes a new instance of the <see cref="GitCredentials"/> class.</summary>
    /// <param name="userName">The user name, without colons and control characters. With a token, the name that the server expects beside
    /// it, such as <c>x-access-token</c>; empty if it expects none.</param>
    /// <param name="password">The password or token.</param>
    /// <exception cref="ArgumentNullException"><paramref name="userName"/> or <paramref name="password"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="userName"/> contains a colon or a control character, or
    /// <paramref name="password"/> contains a control character.</exception>
    public GitCredentials(string userName, string password)
    {
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(password);
        if (userName.Contains(':', StringComparison.Ordinal) || userName.Any(char.IsControl))
        {
            throw new ArgumentException(
                "The user name contains a colon or a control character, which cannot be sent; pass the password separately.",
                nameof(userName));
        }

        if (password.Any(char.IsControl))
        {
            throw new ArgumentException(
                "The password contains a control character, such as the line feed at the end of a file; trim it.",
                nameof(password));
        }

        UserName = userName;
        Password = password;
    }

    /// <summary>Gets the user name.</summary>
    public string UserName { get; }

    internal string Password { get; }

    /// <summary>Returns the name of the type and the user name, never the secret.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{nameof(GitCredentials)} {{ {nameof(UserName)} = {UserName} }}";
}
