using System.Text;

namespace BuildRunner.Testing;

/// <summary>Tracks the requests of one HTTP/1.1 connection. A client sends the next request only when it has the answer to the
/// last.</summary>
/// <param name="judge">Decides the fate of a request by its head: its first line and its headers.</param>
internal sealed class ProxiedConnection(Func<string, ProxyFate> judge)
{
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly List<byte> _head = [];
    private bool _isAsking;
    private bool _isInBody;
    private ProxyFate _fate;

    /// <summary>Gets or sets the source to complete when an answer has arrived and was lost.</summary>
    public TaskCompletionSource? Lost { get; set; }

    /// <summary>Handles bytes from the client.</summary>
    /// <returns>The bytes to send to the server, empty until the head is complete, or <see langword="null"/> to cut the
    /// connection.</returns>
    public ReadOnlyMemory<byte>? PassRequest(ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            // Bytes after an answer begin a new request; bytes before it continue the same one.
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

    /// <summary>Handles bytes from the server.</summary>
    /// <returns>The bytes to send to the client, or <see langword="null"/> to cut the connection.</returns>
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
