using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace BuildRunner.Queue;

/// <summary>Represents a message: an id, a partition key, a payload and headers.</summary>
/// <remarks>
/// <para>Immutable and safe for use by several threads. Two messages are equal if all parts are equal, including payload bytes and
/// headers.</para>
/// <para>A topic has at most one unsettled message per partition key and id. Both are compared exactly, character by character.</para>
/// </remarks>
public sealed record Message
{
    /// <summary>The maximum length of an id or a partition key in characters.</summary>
    public const int MaxKeyLength = 255;

    /// <summary>The maximum total length of all header names and values in characters.</summary>
    public const int MaxHeadersLength = 16 * 1024;

    private static readonly ReadOnlyDictionary<string, string> NoHeaders = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Gets the partition key: 1 to 255 characters. The messages of a partition are handled in order, one at a time.</summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The value is empty or too long, contains U+0000, or is not well-formed UTF-16.</exception>
    public required string PartitionKey
    {
        get;
        init => field = QueueText.Fit(value, MaxKeyLength, "The partition key", nameof(PartitionKey));
    }

    /// <summary>Gets the id, unique within the partition: 1 to 255 characters.</summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The value is empty or too long, contains U+0000, or is not well-formed UTF-16.</exception>
    public required string Id { get; init => field = QueueText.Fit(value, MaxKeyLength, "The id", nameof(Id)); }

    /// <summary>Gets the payload, up to <see cref="QueueOptions.MaxPayloadBytes"/>. The default is empty. It is not copied: do not change
    /// it.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Gets the headers. The default is empty, and replaces <see langword="null"/>. They are copied; names are compared
    /// exactly.</summary>
    /// <remarks>The publisher adds the W3C Trace Context headers <c>traceparent</c> and <c>tracestate</c> if missing.</remarks>
    /// <exception cref="ArgumentNullException">The value of a header is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A header is too long, contains U+0000, or is not well-formed UTF-16.</exception>
    [AllowNull]
    public IReadOnlyDictionary<string, string> Headers
    {
        get;
        init => field = value is null or { Count: 0 } ? NoHeaders : CopyOf(value);
    }
    = NoHeaders;

    internal MessageKey Key => new(PartitionKey, Id);

    /// <inheritdoc/>
    public bool Equals(Message? other) =>
        other is not null
        && Id == other.Id
        && PartitionKey == other.PartitionKey
        && Headers.Count == other.Headers.Count
        && Payload.Span.SequenceEqual(other.Payload.Span)
        && Headers.All(header => other.Headers.TryGetValue(header.Key, out var value) && value == header.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, PartitionKey, Payload.Length, Headers.Count);

    // Payload and headers may contain what does not belong in a log.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("PartitionKey = ").Append(PartitionKey).Append(", Id = ").Append(Id);
        builder.Append(", Payload = ").Append(Payload.Length).Append(" bytes");
        return true;
    }

    private static ReadOnlyDictionary<string, string> CopyOf(IReadOnlyDictionary<string, string> headers)
    {
        Dictionary<string, string> copy = new(headers.Count, StringComparer.Ordinal);
        var length = 0;
        foreach (var (name, value) in headers)
        {
            QueueText.ThrowIfUnfit(name, MaxKeyLength, "The name of a header", nameof(headers));
            ArgumentNullException.ThrowIfNull(value, nameof(headers));
            QueueText.ThrowIfUnstorable(value, $"The header '{name}'", nameof(headers));
            length += name.Length + value.Length;
            copy.Add(name, value);
        }

        return length <= MaxHeadersLength
            ? new(copy)
            : throw new ArgumentException(
                $"The headers have {length} characters; they must have at most {MaxHeadersLength} in total.", nameof(headers));
    }
}
