using System.Text;
using BuildRunner.Http.Sending;

namespace BuildRunner.Http.Reading;

/// <summary>Provides texts one after the other, each requested when the one before it has ended, without the secrets in them.</summary>
internal sealed class TextStream(
    RequestSender sender,
    HttpBackendOptions options,
    IReadOnlyList<HttpText> texts)
    : Stream
{
    private const int MaxRedirects = 3;

    // A longer line is returned in pieces.
    private const int MaxLine = 64 * 1024;

    private readonly byte[] _bytes = new byte[16 * 1024];
    private readonly char[] _chars = new char[(16 * 1024) + 4];
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    private int _next;
    private HttpResponseMessage? _response;
    private string _held = "";
    private ReadOnlyMemory<byte> _ready;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens the next text that exists, or returns <see langword="false"/> if there is none.</summary>
    public async Task<bool> TryOpenNextAsync(CancellationToken cancellationToken)
    {
        while (_next < texts.Count)
        {
            var text = texts[_next];
            _response = await OpenAsync(text, cancellationToken).ConfigureAwait(false);
            _next++;
            if (_response is not null)
            {
                _ready = Encoding.UTF8.GetBytes(sender.Redactor.Redact(text.Heading));
                return true;
            }
        }

        return false;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_ready.IsEmpty && buffer.Length > 0)
        {
            if (_response is null && !await TryOpenNextAsync(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }

            if (_ready.IsEmpty)
            {
                await FillAsync(_response!, cancellationToken).ConfigureAwait(false);
            }
        }

        var count = Math.Min(buffer.Length, _ready.Length);
        _ready[..count].CopyTo(buffer);
        _ready = _ready[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _response?.Dispose();
        _response = null;
        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage?> OpenAsync(HttpText text, CancellationToken cancellationToken)
    {
        using CallTime time = new(options.CallTimeout, options.TimeProvider, cancellationToken);
        using HttpRequestMessage request = new(HttpMethod.Get, text.Address);
        var template = await RequestTemplate.CreateAsync(request, cancellationToken).ConfigureAwait(false);
        var address = sender.AddressOf(request.RequestUri);
        var sent = await sender.SendAsync(HttpOperations.Open, template, isPoll: true, time).ConfigureAwait(false);
        var isElsewhere = false;
        for (var hops = 0; text.FollowsRedirects && sent.Reply is { } reply && Redirect.IsOne(reply); hops++)
        {
            address = hops < MaxRedirects ? Redirect.Next(address, reply, options.Name) : throw Redirect.TooMany(options.Name);
            isElsewhere = true;
            sent = await sender.OpenElsewhereAsync(address, time).ConfigureAwait(false);
        }

        // The target of a redirect does not answer in the form of the service.
        return sent.Reply is { } last && text.MayBeMissing && (int)last.StatusCode is 404 or 410 && (isElsewhere || sent.IsOwn)
            ? null
            : sent.Opened ?? throw sender.FailureOf(sent, buildId: null, HttpOperations.Open);
    }

    private async Task FillAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using CallTime time = new(options.CallTimeout, options.TimeProvider, cancellationToken);
        int read;
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(time.Token).ConfigureAwait(false);
            read = await stream.ReadAsync(_bytes, time.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            time.ThrowIfCallerLeft();
            throw sender.FailureOf(new Sent { Error = exception }, buildId: null, HttpOperations.Open);
        }

        var isEnd = read == 0;
        var text = _held + new string(_chars, 0, _decoder.GetChars(_bytes.AsSpan(0, read), _chars, flush: isEnd));
        (text, _held) = isEnd ? (sender.Redactor.Redact(text), "") : Cut(text);
        _ready = Encoding.UTF8.GetBytes(text);
        if (isEnd)
        {
            response.Dispose();
            _response = null;
        }
    }

    // A secret in a header is never longer than a line, so whole lines contain whole secrets.
    private (string Text, string Held) Cut(string text)
    {
        var end = text.LastIndexOf('\n') + 1;
        if (end > 0)
        {
            return (sender.Redactor.Redact(text[..end]), text[end..]);
        }

        if (text.Length <= MaxLine)
        {
            return ("", text);
        }

        text = sender.Redactor.Redact(text);
        end = Math.Max(0, text.Length - sender.Redactor.LongestForm);
        end -= end > 0 && char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
        return (text[..end], text[end..]);
    }
}
