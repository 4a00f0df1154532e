using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BuildRunner.Http;

/// <summary>
/// Represents the answer to a request, with its body read.
/// </summary>
/// <remarks>Immutable; holds no connection.</remarks>
public sealed class HttpReply
{
    private readonly byte[] _body;

    internal HttpReply(HttpResponseMessage response, byte[] body, DateTimeOffset receivedAt)
    {
        StatusCode = response.StatusCode;
        Headers = response.Headers;
        ContentType = response.Content.Headers.ContentType?.MediaType;
        ReceivedAt = receivedAt;
        _body = body;
    }

    /// <summary>
    /// Gets the status code.
    /// </summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>
    /// Gets the headers of the answer, without those of its body.
    /// </summary>
    public HttpResponseHeaders Headers { get; }

    /// <summary>
    /// Gets the media type of the body without its parameters, or <see langword="null"/> if it is not given.
    /// </summary>
    public string? ContentType { get; }

    /// <summary>
    /// Gets when the answer came, by the clock of the backend's <see cref="TimeProvider"/>.
    /// </summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>
    /// Gets a value indicating whether the status code is from 200 to 299.
    /// </summary>
    public bool IsSuccess => (int)StatusCode is >= 200 and <= 299;

    /// <summary>
    /// Gets a value indicating whether the body says that it is JSON. What a proxy answers by itself rarely does.
    /// </summary>
    public bool IsJson => ContentType is "application/json" or "text/json" || ContentType?.EndsWith("+json", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>
    /// Gets the body as text.
    /// </summary>
    public string Text => Encoding.UTF8.GetString(_body);

    /// <summary>
    /// Gets the first value of a header, or <see langword="null"/> if it is not there.
    /// </summary>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The value.</returns>
    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>
    /// Reads the body as JSON.
    /// </summary>
    /// <typeparam name="T">What it is read as.</typeparam>
    /// <param name="type">How it is read, from a source-generated context.</param>
    /// <param name="value">The value, if the body could be read.</param>
    /// <returns><see langword="false"/> if the body is no JSON, is cut off, does not fit the type, or is <c>null</c>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="type"/> is <see langword="null"/>.</exception>
    public bool TryReadJson<T>(JsonTypeInfo<T> type, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? value)
    {
        ArgumentNullException.ThrowIfNull(type);
        try
        {
            value = JsonSerializer.Deserialize(_body, type);
            return value is not null;
        }
        catch (Exception)
        {
            // A converter or a constructor of the type may throw what it likes.
            value = default;
            return false;
        }
    }

    internal ReadOnlyMemory<byte> Body => _body;
}
