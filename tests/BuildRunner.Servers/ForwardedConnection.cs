using System.Globalization;
using System.Text;

namespace BuildRunner.Servers;

/// <summary>The requests of one connection of HTTP/1.1. A client sends the next one when it has the answer to the last, and says how long a body is.</summary>
internal sealed class ForwardedConnection(Func<ForwardedRequest, ForwardedFate> onRequest)
{
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(100);

    private readonly StringBuilder _sent = new();
    private volatile ForwardedFate _fate;

    /// <summary>Takes bytes of the client.</summary>
    /// <returns><see langword="true"/> if they go on to the server.</returns>
    public Task<bool> PassRequestAsync(ReadOnlyMemory<byte> bytes)
    {
        // One character for each byte.
        _sent.Append(Encoding.Latin1.GetString(bytes.Span));
        if (Take() is { } request)
        {
            _fate = onRequest(request);
        }

        return Task.FromResult(_fate != ForwardedFate.Cut);
    }

    /// <summary>Takes bytes of the server.</summary>
    /// <returns><see langword="true"/> if they go on to the client.</returns>
    public async Task<bool> PassAnswerAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_fate == ForwardedFate.Delay)
        {
            _fate = ForwardedFate.Pass;
            await Task.Delay(Lateness);
        }

        return _fate != ForwardedFate.LoseAnswer;
    }

    private ForwardedRequest? Take()
    {
        var text = _sent.ToString();
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        var head = text[..end].Split("\r\n");
        var length = head.Where(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(static line => int.Parse(line["Content-Length:".Length..], CultureInfo.InvariantCulture))
            .SingleOrDefault();
        if (text.Length < end + 4 + length)
        {
            return null;
        }

        _sent.Clear();
        var words = head[0].Split(' ');
        return new ForwardedRequest(words[0], words[1], text.Substring(end + 4, length));
    }
}
