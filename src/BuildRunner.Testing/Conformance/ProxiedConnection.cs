using System.Text;

namespace BuildRunner.Testing;

/// <summary>The requests of one connection of HTTP/1.1, one after the other: a client sends the next one when it has the answer to the last.</summary>
/// <param name="judge">Sees the head of each request, its first line and its headers, and says what becomes of it.</param>
internal sealed class ProxiedConnection(Func<string, ProxyFate> judge)
{
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly List<byte> _head = [];
    private bool _isAsking;
    private bool _isInBody;
    private ProxyFate _fate;

    /// <summary>Gets or sets what is told when the answer to the request has come and was lost.</summary>
    public TaskCompletionSource? Lost { get; set; }

    /// <summary>Takes bytes of the client.</summary>
    /// <returns>What goes on to the server: nothing before the head is whole. <see langword="null"/> to cut the connection.</returns>
    public ReadOnlyMemory<byte>? PassRequest(ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            // What comes after an answer is a request; what comes before one is more of the same.
            if (!_isAsking)
            {
                (_isAsking, _isInBody) = (true, false);
                _head.Clear();
            }

            if (_isInBody)
            {
                return bytes;
            }

            _head.AddRange(bytes.Span);
            var text = Encoding.Latin1.GetString([.. _head]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                return ReadOnlyMemory<byte>.Empty;
            }

            _isInBody = true;
            _fate = judge(text[..end]);
            return _fate == ProxyFate.Cut ? (ReadOnlyMemory<byte>?)null : _head.ToArray();
        }
    }

    /// <summary>Takes bytes of the server.</summary>
    /// <returns>What goes on to the client. <see langword="null"/> to cut the connection.</returns>
    public async Task<ReadOnlyMemory<byte>?> PassAnswerAsync(ReadOnlyMemory<byte> bytes)
    {
        ProxyFate fate;
        lock (_lock)
        {
            (_isAsking, fate) = (false, _fate);
            _fate = fate == ProxyFate.Delay ? ProxyFate.Pass : fate;
        }

        if (fate == ProxyFate.LoseAnswer)
        {
            Lost?.TrySetResult();
            return null;
        }

        if (fate == ProxyFate.Delay)
        {
            await Task.Delay(Lateness).ConfigureAwait(false);
        }

        return bytes;
    }
}
