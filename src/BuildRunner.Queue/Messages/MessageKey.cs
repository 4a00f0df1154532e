namespace BuildRunner.Queue;

/// <summary>
/// Represents the identity of a message in its topic.
/// </summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record MessageKey
{
    /// <summary>
    /// Gets the partition key of the message: 1 to 255 characters.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The value is empty or too long, contains U+0000, or is not well-formed UTF-16.</exception>
    public required string PartitionKey
    {
        get;
        init => field = QueueText.Fit(value, Message.MaxKeyLength, "The partition key", nameof(PartitionKey));
    }

    /// <summary>
    /// Gets the id of the message: 1 to 255 characters.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The value is empty or too long, contains U+0000, or is not well-formed UTF-16.</exception>
    public required string Id { get; init => field = QueueText.Fit(value, Message.MaxKeyLength, "The id", nameof(Id)); }
}
