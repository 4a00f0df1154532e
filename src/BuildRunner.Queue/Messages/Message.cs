using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
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
    /// Gets what is handled in order and one at a time: 1 to 255 characters.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The value is empty or too long, has U+0000, or is not well-formed UTF-16.</exception>
    public required string PartitionKey
    {
        get;
        init => field = QueueText.Fit(value, MaxKeyLength, "The partition key", nameof(PartitionKey));
    }

    /// <summary>
    /// Gets the identity within the partition: 1 to 255 characters.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The value is empty or too long, has U+0000, or is not well-formed UTF-16.</exception>
    public required string Id { get; init => field = QueueText.Fit(value, MaxKeyLength, "The id", nameof(Id)); }

    /// <summary>
    /// Gets the content, empty by default. The bytes are not copied and must not be changed afterwards. How many there may be is up to
    /// <see cref="QueueOptions.MaxPayloadBytes"/>.
    /// </summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>
    /// Gets what goes with the payload. It is copied, and names are compared exactly. Empty by default, which <see langword="null"/> stands
    /// for; never <see langword="null"/>.
    /// </summary>
    /// <remarks>The publisher adds <c>traceparent</c> and <c>tracestate</c> of W3C Trace Context, unless the message has them.</remarks>
    /// <exception cref="ArgumentNullException">The value of a header is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A header is too long, has U+0000, or is not well-formed UTF-16.</exception>
    [AllowNull]
    public IReadOnlyDictionary<string, string> Headers
    {
        get;
        init => field = value is null or { Count: 0 } ? NoHeaders : CopyOf(value);
    }
    = NoHeaders;

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
            : throw new ArgumentException($"The headers have {length} characters; all together must have at most {MaxHeadersLength}.", nameof(headers));
    }
}
