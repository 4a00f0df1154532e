using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.Http.Sending;

/// <summary>
/// Holds answers that the service can confirm without sending them again, up to a number of bytes. Removes the least recently used answers
/// first.
/// </summary>
internal sealed class RememberedReplies(int maxBytes)
{
    // The approximate size of headers, key and bookkeeping.
    private const int Overhead = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    /// <summary>Gets the key of a read, from its address, headers and credential, because the answer may depend on all of them.</summary>
    public static string KeyOf(HttpRequestMessage request)
    {
        StringBuilder key = new(request.RequestUri!.AbsoluteUri);
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            key.Append('\n').Append(name).Append(':').AppendJoin(',', values);
        }

        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())));
    }

    public bool TryGet(string key, [NotNullWhen(true)] out string? tag, [NotNullWhen(true)] out HttpReply? reply)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                (tag, reply) = (null, null);
                return false;
            }

            _byUse.Remove(node);
            _byUse.AddLast(node);
            (tag, reply) = (node.Value.Tag, node.Value.Reply);
            return true;
        }
    }

    public void Set(string key, HttpReply reply)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var old))
            {
                Remove(old);
            }

            if (reply.Header("ETag") is not { } tag || SizeOf(reply) > maxBytes)
            {
                return;
            }

            _entries[key] = _byUse.AddLast(new Entry(key, tag, reply));
            _bytes += SizeOf(reply);
            while (_bytes > maxBytes)
            {
                Remove(_byUse.First!);
            }
        }
    }

    private static long SizeOf(HttpReply reply) => reply.Body.Length + Overhead;

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= SizeOf(node.Value.Reply);
    }

    private sealed record Entry(string Key, string Tag, HttpReply Reply);
}
