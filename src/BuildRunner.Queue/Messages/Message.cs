using System.Collections.ObjectModel;
using System.Text;

namespace BuildRunner.Queue;

/// <summary>
/// Represents a message: an identity, the partition whose order it keeps, and what it carries.
/// </summary>
/// <remarks>
/// <para>
/// Immutable and safe for use by several threads. Two messages are equal if all of their parts are, the bytes of the payload and the headers included.
/// </para>
/// <para>
/// A topic has at most one message of a partition key and an id that is not settled. Ids and keys are compared exactly, character by character.
/// </para>
/// </remarks>
public sealed record Message
{
    /// <summary>
    /// The number of characters that an id or a partition key may have.
    /// </summary>
    public const int MaxKeyLength = 255;

    /// <summary>
    /// The number of characters that all names and values of the headers may have together.
    /// </summary>
    public const int MaxHeadersLength = 16 * 1024;

    private static readonly ReadOnlyDictionary<string, string> NoHeaders = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// Initializes a new instance of the <see cref="Message"/> class.
    /// </summary>
    /// <param name="id">The identity within the partition: 1 to 255 characters.</param>
    /// <param name="partitionKey">What is handled in order and one at a time: 1 to 255 characters.</param>
    /// <param name="payload">The content. The bytes are not copied and must not be changed afterwards. How many there may be is up to <see cref="QueueOptions.MaxPayloadSize"/>.</param>
    /// <param name="headers">What goes with the payload, or <see langword="null"/> for nothing. It is copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="id"/>, <paramref name="partitionKey"/> or the value of a header is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A text is too short or too long, has U+0000, or is not well-formed UTF-16.</exception>
    public Message(string id, string partitionKey, ReadOnlyMemory<byte> payload, IReadOnlyDictionary<string, string>? headers = null)
    {
        QueueText.ThrowIfUnfit(id, MaxKeyLength, "The id", nameof(id));
        QueueText.ThrowIfUnfit(partitionKey, MaxKeyLength, "The partition key", nameof(partitionKey));
        Id = id;
        PartitionKey = partitionKey;
        Payload = payload;
        Headers = headers is null or { Count: 0 } ? NoHeaders : CopyOf(headers);
    }

    /// <summary>
    /// Gets the identity within the partition.
    /// </summary>
    public string Id { get; }

    /// <summary>
    /// Gets what is handled in order and one at a time.
    /// </summary>
    public string PartitionKey { get; }

    /// <summary>
    /// Gets the content.
    /// </summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>
    /// Gets what goes with the payload. Names are compared exactly. Empty where there is nothing, never <see langword="null"/>.
    /// </summary>
    /// <remarks>The publisher adds <c>traceparent</c> and <c>tracestate</c> of W3C Trace Context, unless the message has them.</remarks>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>
    /// Makes a message that is like this one but for its headers.
    /// </summary>
    /// <param name="headers">The headers, or <see langword="null"/> for none.</param>
    /// <returns>The message with the headers.</returns>
    /// <exception cref="ArgumentNullException">The value of a header is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A header is too long, has U+0000, or is not well-formed UTF-16.</exception>
    public Message WithHeaders(IReadOnlyDictionary<string, string>? headers) => new(Id, PartitionKey, Payload, headers);

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

    // Neither payload nor headers: they may hold what does not belong in a log.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Id = ").Append(Id).Append(", PartitionKey = ").Append(PartitionKey).Append(", Payload = ").Append(Payload.Length).Append(" bytes");
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
            : throw new ArgumentException($"The headers have {length} characters; all together must have at most {MaxHeadersLength}.", nameof(headers));
    }
}
