namespace BuildRunner.Http;

/// <summary>
/// Represents a text to open with <see cref="HttpBackend.OpenTextAsync"/>, such as one log of a build.
/// </summary>
/// <param name="address">The address of the text, relative to <see cref="HttpBackendOptions.BaseAddress"/>.</param>
public sealed class HttpText(string address)
{
    /// <summary>
    /// Gets the address of the text, relative to <see cref="HttpBackendOptions.BaseAddress"/>.
    /// </summary>
    public string Address { get; } = address ?? throw new ArgumentNullException(nameof(address));

    /// <summary>
    /// Gets the heading that precedes the text in the stream, including its line break, or <see langword="null"/> (the default) for none.
    /// If the text is missing, its heading is left out too.
    /// </summary>
    public string? Heading { get; init; }

    /// <summary>
    /// Gets a value indicating whether the service may redirect to another address, such as that of a log store. The default is
    /// <see langword="false"/>, which makes a redirect an error.
    /// </summary>
    /// <remarks>
    /// At most three redirects are followed, never from <c>https</c> to <c>http</c>. Those requests have no credentials and none of the
    /// headers for the service.
    /// </remarks>
    public bool FollowsRedirects { get; init; }

    /// <summary>
    /// Gets a value indicating whether a 404 or a 410 means that the text is missing, and to be left out. The default is
    /// <see langword="false"/>, which makes it an error.
    /// </summary>
    public bool MayBeMissing { get; init; }
}
