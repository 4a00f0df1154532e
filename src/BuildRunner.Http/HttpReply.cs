using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BuildRunner.Http;

/// <summary>
/// Represents the answer to a request, including its body.
/// </summary>
/// <remarks>Immutable. It holds no connection.</remarks>
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
    /// Gets the headers of the answer, without the headers of its content.
    /// </summary>
    public HttpResponseHeaders Headers { get; }

    /// <summary>
    /// Gets the media type of the body without parameters, or <see langword="null"/> if it is not given.
    /// </summary>
    public string? ContentType { get; }

    /// <summary>
    /// Gets the time when the answer arrived, by the <see cref="TimeProvider"/> of the backend.
    /// </summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>
    /// Gets a value indicating whether the status code is from 200 to 299.
    /// </summary>
    public bool IsSuccess => (int)StatusCode is >= 200 and <= 299;

    /// <summary>
    /// Gets a value indicating whether the content type is JSON. An answer of a proxy rarely is.
    /// </summary>
    public bool IsJson =>
        ContentType is "application/json" or "text/json" || ContentType?.EndsWith("+json", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>
    /// Gets the body as text.
    /// </summary>
    public string Text => Encoding.UTF8.GetString(_body);

    /// <summary>
    /// Gets the first value of a header, or <see langword="null"/> if the header is missing.
    /// </summary>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The value.</returns>
    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>
    /// Reads the body as JSON.
    /// </summary>
    /// <typeparam name="T">The type to read.</typeparam>
    /// <param name="type">The metadata for reading the type, from a source-generated context.</param>
    /// <param name="value">The value, if the body could be read.</param>
    /// <returns><see langword="true"/> if the body could be read; <see langword="false"/> if it is not JSON, is truncated, does not match
    /// the type, or is <c>null</c>.</returns>
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
            // Converters and constructors of the type may throw anything.
            value = default;
            return false;
        }
    }

    internal ReadOnlyMemory<byte> Body => _body;
}
