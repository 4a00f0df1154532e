using System.Net;
using System.Text;

namespace BuildRunner.Http.Sending;

/// <summary>Represents a request that can be sent more than once, with its body in memory.</summary>
internal sealed class RequestTemplate
{
    private readonly HttpRequestMessage _request;
    private readonly byte[]? _body;

    private RequestTemplate(HttpRequestMessage request, byte[]? body)
    {
        _request = request;
        _body = body;
    }

    public Uri? Address => _request.RequestUri;

    public bool HasBody => _body is not null;

    public static async Task<RequestTemplate> CreateAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        new(request, request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));

    public (HttpRequestMessage Request, ObservedContent? Content) Instantiate(Uri address, HttpCredential? credential)
    {
        HttpRequestMessage request = new(_request.Method, address)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        foreach (var (name, values) in _request.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, values);
        }

        foreach (var (key, value) in (IEnumerable<KeyValuePair<string, object?>>)_request.Options)
        {
            request.Options.Set(new HttpRequestOptionsKey<object?>(key), value);
        }

        // With it, .NET waits for an answer before it sends the body, and sends the request again if the connection was closed meanwhile.
        request.Headers.ExpectContinue = false;
        if (credential is { IsFormField: false })
        {
            request.Headers.Remove(credential.HeaderName);
            request.Headers.TryAddWithoutValidation(credential.HeaderName, credential.HeaderValue);
        }

        var content = _body is null ? null : new ObservedContent(WithField(_body, credential), _request.Content!.Headers);
        request.Content = content;
        return (request, content);
    }

    private byte[] WithField(byte[] body, HttpCredential? credential)
    {
        var isForm = _request.Content!.Headers.ContentType?.MediaType == "application/x-www-form-urlencoded";
        return isForm && credential is { IsFormField: true, HeaderName: var name, HeaderValue: var value }
            ? [.. body, .. Encoding.ASCII.GetBytes($"&{WebUtility.UrlEncode(name)}={WebUtility.UrlEncode(value)}")]
            : body;
    }

    /// <summary>Represents a body that knows whether sending has begun. Before that, no server can have acted on the request.</summary>
    internal sealed class ObservedContent : HttpContent
    {
        private readonly byte[] _bytes;
        private volatile bool _hasBegun;

        public ObservedContent(byte[] bytes, System.Net.Http.Headers.HttpContentHeaders headers)
        {
            _bytes = bytes;
            foreach (var (name, values) in headers)
            {
                Headers.TryAddWithoutValidation(name, values);
            }

            Headers.ContentLength = bytes.Length;
        }

        public bool HasBegun => _hasBegun;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            _hasBegun = true;
            return stream.WriteAsync(_bytes, cancellationToken).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _bytes.Length;
            return true;
        }
    }
}
