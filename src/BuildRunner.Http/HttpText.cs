namespace BuildRunner.Http;

/// <summary>
/// Represents a text that is opened with <see cref="HttpBackend.OpenTextAsync"/>, such as one log of a build.
/// </summary>
/// <param name="address">Where the text is, relative to <see cref="HttpBackendOptions.BaseAddress"/>.</param>
public sealed class HttpText(string address)
{
    /// <summary>
    /// Gets where the text is, relative to <see cref="HttpBackendOptions.BaseAddress"/>.
    /// </summary>
    public string Address { get; } = address ?? throw new ArgumentNullException(nameof(address));

    /// <summary>
    /// Gets what stands before the text in the stream, with its line end; <see langword="null"/>, the default, for nothing. It is left out
    /// along with a text that is missing.
    /// </summary>
    public string? Heading { get; init; }

    /// <summary>
    /// Gets a value indicating whether the service may send on to another address, such as that of a store for logs. The default is
    /// <see langword="false"/>, where a redirect is a failed call.
    /// </summary>
    /// <remarks>Three times at most, each by a request of its own without credentials and without the headers for the service, and never
    /// from <c>https</c> to <c>http</c>.</remarks>
    public bool FollowsRedirects { get; init; }

    /// <summary>
    /// Gets a value indicating whether a 404 or a 410 means that there is no text, which is then left out. The default is
    /// <see langword="false"/>, where it is a failed call.
    /// </summary>
    public bool MayBeMissing { get; init; }
}
