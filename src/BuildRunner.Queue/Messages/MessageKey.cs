namespace BuildRunner.Queue;

/// <summary>
/// Represents what tells a message from the others of its topic.
/// </summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record MessageKey
{
    /// <summary>
    /// Initializes a new instance of the <see cref="MessageKey"/> class.
    /// </summary>
    /// <param name="id">The id of the message: 1 to 255 characters.</param>
    /// <param name="partitionKey">The partition key of the message: 1 to 255 characters.</param>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> or <paramref name="partitionKey"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A text is too short or too long, has U+0000, or is not well-formed UTF-16.</exception>
    public MessageKey(string id, string partitionKey)
    {
        QueueText.ThrowIfUnfit(id, Message.MaxKeyLength, "The id", nameof(id));
        QueueText.ThrowIfUnfit(partitionKey, Message.MaxKeyLength, "The partition key", nameof(partitionKey));
        Id = id;
        PartitionKey = partitionKey;
    }

    /// <summary>
    /// Gets the id of the message.
    /// </summary>
    public string Id { get; }

    /// <summary>
    /// Gets the partition key of the message.
    /// </summary>
    public string PartitionKey { get; }
}
